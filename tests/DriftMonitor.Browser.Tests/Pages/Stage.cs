using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using DriftMonitor.Alarms;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Peers;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>
/// Monitors that serve the real pages, with what they show put into them by hand: an hour from midnight of 1 January 2026, UTC.
/// </summary>
internal static class Stage
{
    public const string Reader = "a token that may only read";
    public const string Changer = "a token that may change things";
    public const string Drifting = "digits";

    /// <summary>A model whose alarms reach people as warnings at most (<see cref="ScrapedMonitor.Owners"/>).</summary>
    public const string Bounded = "spam";

    /// <summary>A model of whose records most cannot be read.</summary>
    public const string Refused = "refused";

    /// <summary>A model whose labels cost more than they may.</summary>
    public const string Costly = "costly";

    public const string Topic = "predictions";

    /// <summary>What the stage that reads waits for.</summary>
    public const string BrokersDown = "2/2 brokers are down";

    /// <summary>The minute that it is; a drift has been there since some before.</summary>
    public const int Now = 60;

    private const int Onset = 38;
    private const double Far = 0.75;
    private const double Near = 0.01;

    private static readonly ClassContribution[] Eights =
        [new("8", 0.4013, 0.335, 0.101), new("1", -0.0404, 0.032, 0.113), new("5", -0.0231, 0.061, 0.089), new("3", -0.02, 0.078, 0.101)];

    private static readonly ClassContribution[] Usual = [new("8", 0.0002, 0.103, 0.101), new("1", -0.0001, 0.112, 0.113)];

    /// <summary>One that has read nothing.</summary>
    public static async Task<ScrapedMonitor> EmptyAsync() => AtNow(await ScrapedMonitor.Start(Topic));

    /// <summary>One that shows nothing to who has no token.</summary>
    public static async Task<ScrapedMonitor> LockedAsync()
    {
        var monitor = AtNow(await ScrapedMonitor.StartAsync(Tokens(withReader: true), topics: Topic));
        Drift(monitor, Drifting);
        return monitor;
    }

    /// <summary>One with a model in each state, of which one drifts.</summary>
    public static async Task<ScrapedMonitor> BusyAsync()
    {
        var monitor = await ChangeableAsync();
        monitor.References.Use(Reported.References([
            .. new[] { Drifting, "steady", "young", Bounded, "past", "ghost", Refused, Costly }
                .Select(model => Reported.Reference(model, 3, withLabels: true)),
        ]));
        Drift(monitor, Drifting);
        Drift(monitor, Bounded, kl: 0.2);
        Note(monitor, "past", SeriesKey.All, 0, 25, Far);
        Note(monitor, "past", SeriesKey.All, 25, Now, Near);
        Quiet(monitor, "steady");
        var reference = Reported.Reference("young");
        monitor.Alarms.Note(
            Report("young", Now) with { Readiness = Readiness.Incomplete, Reference = reference });
        monitor.Alarms.Note(Report("bare", Now) with { Divergences = null, Reference = null, Contributions = [] });
        foreach (var segment in (string[])["country=DE", "country=FR", "version=2026-01-01"])
        {
            monitor.Alarms.Note(Report(Drifting, Now, Far, segment));
        }

        monitor.Alarms.Note(Labels(monitor, Drifting));
        Quiet(monitor, Costly);
        foreach (var minutesAgo in (int[])[10, 5, 0])
        {
            monitor.Alarms.Note(Labels(monitor, Costly, minutesAgo));
        }

        monitor.Alarms.Tell();
        Reject(monitor);
        Refuse(monitor);
        Know(monitor, "ghost", minutesAgo: 7, PastAlarm(monitor));
        Know(monitor, "theirs", minutesAgo: 0);
        monitor.Services.GetRequiredService<KnownStatuses>().Show(areRead: true);
        return monitor;
    }

    /// <summary>One that changes what who has <see cref="Changer"/> asks for.</summary>
    public static async Task<ScrapedMonitor> ChangeableAsync() =>
        AtNow(await ScrapedMonitor.StartAsync(Tokens(withReader: false), topics: Topic));

    /// <summary>One whose brokers are down, and whose peer does not answer either.</summary>
    public static async Task<ScrapedMonitor> CutOffAsync()
    {
        var tokens = Tokens(withReader: false) with { Peers = new PeerSecret(Encoding.UTF8.GetBytes("a secret of all replicas")) };
        var monitor = AtNow(await ScrapedMonitor.StartAsync(tokens, waitsFor: BrokersDown, topics: Topic));
        Drift(monitor, Drifting);
        Know(monitor, "theirs", minutesAgo: 0);
        monitor.Services.GetRequiredService<KnownStatuses>().Show(areRead: true);
        return monitor;
    }

    /// <summary>Windows of a model that drifts suddenly, from minute to minute; its alarm begins with them.</summary>
    public static void Drift(ScrapedMonitor monitor, string model, string segment = SeriesKey.All, double kl = Far)
    {
        Note(monitor, model, segment, 0, Onset, Near);
        Note(monitor, model, segment, Onset, Now, kl);
        monitor.Alarms.Tell();
    }

    /// <summary>Windows of a model that does not drift.</summary>
    public static void Quiet(ScrapedMonitor monitor, string model)
    {
        Note(monitor, model, SeriesKey.All, 0, Now, Near);
        monitor.Alarms.Tell();
    }

    /// <summary>A window of five minutes that ends in a minute of the first hour of 2026.</summary>
    public static DriftReport Report(string model, int minute, double kl = Near, string segment = SeriesKey.All)
    {
        var report = Reported.Of(model, segment, divergences: Reported.SomeDivergences with
        {
            KlLiveVsReferenceNats = kl,
            KlReferenceVsLiveNats = kl * 1.1,
            CusumNats = kl / 2,
        });
        var toMs = Reported.Start.AddMinutes(minute).ToUnixTimeMilliseconds();
        return report with
        {
            Window = report.Window with { ToMs = toMs, LatestEventMs = toMs - 500, Events = 1_204 },
            Trailing = Reported.SomeTrailing with { KlLiveVsTrailingNats = kl * 0.9, KlTrailingVsLiveNats = kl * 0.9 }, // suddenly
            Reference = Reported.Reference(model),
            Contributions = [.. kl > Near ? Eights : Usual],
        };
    }

    /// <summary>Takes in what another replica last said of a model of its own.</summary>
    public static void Know(ScrapedMonitor monitor, string model, int minutesAgo, params StatusAlarm[] alarms)
    {
        var thenMs = monitor.Time.GetUtcNow().AddMinutes(-minutesAgo).ToUnixTimeMilliseconds();
        monitor.Services.GetRequiredService<KnownStatuses>().Add(new ModelStatus(
            ModelStatus.CurrentVersion, model, 1, thenMs, thenMs, new StatusOwner($"of {model}", "http://127.0.0.1:9"),
            ModelState.Guarded, thenMs, thenMs, null, [.. alarms], [], [], JsonSerializer.SerializeToElement(0)).ToJson());
    }

    private static ScrapedMonitor AtNow(ScrapedMonitor monitor)
    {
        monitor.Time.Advance(Reported.Start.AddMinutes(Now) - monitor.Time.GetUtcNow());
        return monitor;
    }

    private static AccessTokens Tokens(bool withReader) => new(
        [
            .. withReader ? new[] { (SHA256.HashData(Encoding.UTF8.GetBytes(Reader)), "dashboards", false) } : [],
            (SHA256.HashData(Encoding.UTF8.GetBytes(Changer)), "ops", true),
        ],
        Peers: null);

    private static void Note(ScrapedMonitor monitor, string model, string segment, int fromMinute, int toMinute, double kl)
    {
        for (var minute = fromMinute + 1; minute <= toMinute; minute++)
        {
            monitor.Alarms.Note(Report(model, minute, kl, segment));
        }
    }

    private static FeedbackWindow Labels(ScrapedMonitor monitor, string model, int minutesAgo = 0) => new(
        new SeriesKey(model, SeriesKey.All), Reported.Windows[0], Attribution.LabelTime,
        monitor.Time.GetUtcNow().AddMinutes(-minutesAgo).ToUnixTimeMilliseconds(),
        new FeedbackMeasures(412, 0, 0.9, 0.25, null, 0.812, 0.281, null, null, []));

    private static void Reject(ScrapedMonitor monitor)
    {
        var topic = monitor.Metrics.Service.Topic(Topic);
        topic.CountConsumed(1_000);
        var model = monitor.Models.Add(Drifting);
        for (var offset = 0; offset < 12; offset++)
        {
            topic.CountRejected(
                RejectionReason.Malformed, null, new NotedRecord(3, 991_221 + offset, 0, Reported.Start.ToUnixTimeMilliseconds()));
            topic.CountRejected(
                RejectionReason.Late, model,
                new NotedRecord(0, 871_204 + offset, 0, Reported.Start.ToUnixTimeMilliseconds()) { Where = "$.ts" });
        }
    }

    /// <summary>As the reader of predictions counts records of which none can be read.</summary>
    private static void Refuse(ScrapedMonitor monitor)
    {
        var (records, model) = (monitor.Services.GetRequiredService<RecentRecords>(), monitor.Models.Add(Refused));
        records.ReadsAll = true;
        records.Move(monitor.Time.GetUtcNow().ToUnixTimeMilliseconds());
        for (var offset = 0; offset < 40; offset++)
        {
            records.Begin();
            records.CountRead(model);
            records.CountRejected(model);
            monitor.Metrics.Service.Topic(Topic).CountRejected(
                RejectionReason.SumNotOne, model,
                new NotedRecord(1, 4_410 + offset, 0, Reported.Start.ToUnixTimeMilliseconds())
                {
                    Where = "/probs",
                    Remedy = "Map the output to what it is: to logits where softmax has not been taken.",
                });
        }
    }

    private static StatusAlarm PastAlarm(ScrapedMonitor monitor)
    {
        var beganMs = monitor.Time.GetUtcNow().AddMinutes(-20).ToUnixTimeMilliseconds();
        return new(
            SeriesKey.All, AlarmKind.OutputDrift, AlarmSeverity.Critical, "fixed", Pages: true,
            "8 is predicted 33.5 % of the time instead of 10.1 %, since 2025-12-31 23:50:00Z.", beganMs, null, beganMs, false, "5m",
            Measure.KlLiveVsReference, Far, 0.5, 1.5, beganMs, ["5m"], "9c1f4b7d", AlarmSeverity.Critical);
    }
}
