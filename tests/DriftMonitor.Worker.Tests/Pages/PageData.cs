using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Display;
using DriftMonitor.Evaluation;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.Promotion;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Tests.Pages;

/// <summary>What pages show, made by hand: a monitor of handwritten digits whose eights became too many twelve minutes ago.</summary>
internal static class PageData
{
    public const long NowMs = 1_796_002_980_000; // 2026-11-30 01:43:00Z
    public const long OnsetMs = NowMs - (12 * MinuteMs);
    public const long BeganMs = NowMs - (9 * MinuteMs);
    public const string Digits = "digits-lr";
    public const long MinuteMs = 60_000;
    public const long HourMs = 60 * MinuteMs;

    /// <summary>Names as somebody who means harm, or a registry of models, chooses them.</summary>
    public static ImmutableArray<string> HostileNames { get; } =
    [
        "<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
        "\u202egnp.exe", "\u0645\u062f\u0644\u200e \u062a\u0633\u062a", "🦆🔥 model",
        "org/model:tag@v2?x=1&y=2#z", new('x', 256), "a\nb\tc\0d",
    ];

    public static SiteView Site { get; } = new("0.1.0", "monitor-0", AreStatusesRead: true, Changes: true);

    public static AlarmItem Alarm { get; } = new(
        Digits, SeriesKey.All, AlarmKind.OutputDrift, AlarmSeverity.Critical, AlarmSeverity.Critical, "budget", Pages: true,
        "8 is predicted 33.5 % of the time instead of 10.1 %, 1 is predicted 3.2 % instead of 11.3 %, since 2026-11-30 01:31:00Z; "
        + "accuracy 81.2 %, was 92.0 %.",
        OnsetMs, OnsetIsAtLeast: false, BeganMs, EndedMs: null,
        new MeasuredValue("5m", BeganMs, Measure.KlLiveVsReference, 0.1312, 0.0712), PeakRatio: 3.6, NowMs - MinuteMs, ["5m", "1h"],
        "9c1f4b7d", "Ann Lee", "vision", Acknowledged: null, "monitor-0");

    public static AlarmItem Warning { get; } = Alarm with
    {
        Model = "spam/filter:v2",
        Kind = AlarmKind.Dispersion,
        Severity = AlarmSeverity.Warning,
        PagesAs = AlarmSeverity.Warning,
        Summary = "single outputs are surer than they were: their mean entropy is 0.1210 nats instead of 0.3310, at least since "
            + "2026-11-29 22:10:00Z.",
        OnsetMs = NowMs - (213 * MinuteMs),
        OnsetIsAtLeast = true,
        BeganMs = NowMs - (200 * MinuteMs),
        Segment = "country=DE",
        First = new MeasuredValue("1h", NowMs - (200 * MinuteMs), Measure.EntropyFall, 0.171, 0.11),
        PeakRatio = 1.9,
        Owner = null,
        Team = "mail",
        Acknowledged = new Acknowledgement("oncall: Bo", "the new tokenizer, being rolled back", NowMs - HourMs, NowMs + (3 * HourMs)),
    };

    public static AlarmItem Ended { get; } = Alarm with
    {
        Severity = AlarmSeverity.Warning,
        PagesAs = AlarmSeverity.Warning,
        Summary = "Ended at 2026-11-29 18:02:00Z; now 3 is predicted 10.4 % of the time instead of 10.2 %.",
        OnsetMs = NowMs - (9 * HourMs),
        BeganMs = NowMs - (9 * HourMs) + (4 * MinuteMs),
        EndedMs = NowMs - (461 * MinuteMs),
        PeakRatio = 1.4,
    };

    public static ImmutableArray<ClassShare> Classes { get; } =
    [
        new("8", 0.4013, 0.3352, 0.1012), new("1", -0.0404, 0.0321, 0.1131),
        new("5", -0.0231, 0.0612, 0.0893), new("3", -0.02, 0.078, 0.1008),
        new("0", -0.018, 0.0804, 0.0985), new("2", -0.017, 0.079, 0.0991),
        new("4", -0.015, 0.081, 0.0975), new("6", -0.014, 0.0831, 0.0988),
        new("7", -0.013, 0.088, 0.1026), new("9", -0.012, 0.082, 0.0991),
    ];

    public static ExplainedAlarm Explanation { get; } = new(
        Effect: 0.2287, SmallestEffect: 0.001, Baseline: null, FalseAlarmBudget: "1 per 30d",
        new MeasuredValue("5m", NowMs - MinuteMs, Measure.KlLiveVsReference, 0.2563, 0.0712),
        Standing(SeriesKey.All, "5m", 0.2412, 0.0712), NoiseFloorNats: 0.0125, ReferenceVersion: 3, Classes,
        [
            Standing(SeriesKey.All, "5m", 0.2412, 0.0712),
            Standing(SeriesKey.All, "1h", 0.0311, 0.0102) with { Pace = DriftPace.Sudden, Events = 4_310 },
            Standing(SeriesKey.All, "24h", 0.0006, 0.0014) with
            {
                Above = false, AboveSinceMs = null, Pace = DriftPace.None, Events = 98_120,
            },
            Standing(SeriesKey.All, "7d", 0.0004, 0.0011) with
            {
                Ready = false, Above = false, AboveSinceMs = null, Events = 301_220, Readiness = Readiness.Incomplete,
                ReadyMs = NowMs + (51 * HourMs), MinimumEvents = 500,
            },
        ],
        AllTraffic: true, Slices: [],
        [
            Standing(SeriesKey.All, "5m", 0.2412, 0.0712), Standing("country=DE", "5m", 0.2533, 0.0913),
            Standing("country=FR", "5m", 0.2391, 0.1012), Standing("version=2026-11-27", "5m", 0.2412, 0.0712),
            Standing("version=2026-11-12", "5m", 0, 0.1) with
            {
                Ready = false, Value = null, Above = false, AboveSinceMs = null, Events = 3, Readiness = Readiness.TooFewEvents,
                MinimumEvents = 500,
            },
        ],
        new LabelFindings(
            LabelVerdict.Confirmed, 412, "1h", Attribution.LabelTime, 0.812, 0.92, 0.899, 0.7121, 0.2984, 0.3105, 0.3512),
        new AlarmTextView(
            "critical: output drift of digits-lr, segment _all", Alarm.Summary!,
            "8 is predicted 33.5 % of the time instead of 10.1 %, 1 3.2 % instead of 11.3 %",
            "0.2287 above the noise floor of 0.0125; an alarm needs at least 0.001",
            "since 2026-11-30 01:31:00Z, alarm since 2026-11-30 01:34:00Z",
            "kl_live_vs_reference 0.2563 over 5m at 2026-11-30 01:42:00Z, threshold 0.0712",
            "kl_live_vs_reference 0.2412 over 5m, threshold 0.0712 (budget 1 per 30d), 1204 events, reference 9c1f4b7d version 3",
            "5m above; 1h above; 24h below", "all traffic (3 of 4 others above)", "sudden over 5m, sudden over 1h",
            "confirmed: accuracy 81.2 %, was 92.0 %, threshold 89.9 %, cross-entropy 0.7121, was 0.2984, "
            + "expected 0.3105, threshold 0.3512, 412 labels over 1h by label time"),
        "/api/alarms?model=digits-lr", "/runbooks/ModelOutputDriftCritical");

    public static AlarmDetail Detail { get; } = new(Alarm, Explanation, []);

    /// <summary>An alarm of wrong predictions.</summary>
    public static AlarmDetail Accuracy { get; } = Of(
        AlarmKind.Accuracy, Measure.ErrorRatioLabelTime, 0.188, 0.101, baseline: 0.08,
        "accuracy 81.2 %, was 92.0 %, since 2026-11-30 01:31:00Z.");

    /// <summary>An alarm of outputs that are surer than they were.</summary>
    public static AlarmDetail Dispersion { get; } = Of(
        AlarmKind.Dispersion, Measure.EntropyFall, 0.21, 0.11, baseline: 0.331,
        "single outputs are surer than they were: their mean entropy is 0.1210 nats instead of 0.3310, since 2026-11-30 01:31:00Z.");

    public static AlarmDetail EndedDetail { get; } = new(Ended, Explanation: null, [Alarm]);

    public static ModelItem Model { get; } = new(
        Digits, ModelState.Guarded, NowMs - (31 * HourMs), NowMs - 2_000, Critical: 1, Warnings: 0, "Ann Lee", "vision", "9c1f4b7d", 3,
        "monitor-0", NowMs - 4_000, IsOwnerGone: false);

    public static ImmutableArray<ModelItem> Models { get; } =
    [
        Model,
        Model with
        {
            Model = "spam/filter:v2", Critical = 0, Warnings = 1, Owner = null, Team = "mail", Replica = "monitor-1",
        },
        Model with
        {
            Model = "fraud", State = ModelState.NoReference, Critical = 0, ReferenceId = null, ReferenceVersion = null,
            Owner = null, Team = null,
        },
        Model with
        {
            Model = "prices", State = ModelState.Silent, Critical = 0, LatestEventMs = NowMs - (5 * HourMs),
            StateSinceMs = NowMs - (3 * HourMs),
        },
        Model with { Model = "churn", State = ModelState.Filling, Critical = 0, StateSinceMs = NowMs - (4 * MinuteMs) },
        Model with
        {
            Model = "ranking", State = ModelState.TooFewEvents, Critical = 0, Replica = "monitor-2", IsOwnerGone = true,
            WrittenMs = NowMs - (7 * MinuteMs),
        },
        .. Enumerable.Range(0, 8).Select(i => Model with { Model = $"team-{i}/recommender", Critical = 0 }),
    ];

    public static ImmutableArray<WindowItem> Windows { get; } =
    [
        Window(SeriesKey.All, "5m", 0.2412, 0.0125, 1_204) with { Pace = DriftPace.Sudden },
        Window(SeriesKey.All, "1h", 0.0311, 0.0011, 4_310),
        Window(SeriesKey.All, "24h", 0.0006, 0.00006, 98_120) with
        {
            Readiness = Readiness.Incomplete, ReadyMs = NowMs + (5 * HourMs), Readings = [],
        },
        Window("country=DE", "5m", 0.2533, 0.021, 702),
        Window("country=FR", "5m", 0.0, 0.1, 31) with
        {
            Readiness = Readiness.TooFewEvents, KlLiveVsReferenceNats = null, Readings = [],
        },
    ];

    public static ReferenceItem Reference { get; } = new(
        Digits, 3, "9c1f4b7d2e66a0f3", ReferenceState.InUse, "topic", Problem: null, NowMs - (50 * HourMs), NowMs - (49 * HourMs),
        Pushed: null, Undone: null, 68_400, NowMs - (240 * HourMs), NowMs - (72 * HourMs), 10, 4, HasLabels: true, []);

    public static ImmutableArray<ReferenceItem> References { get; } =
    [
        Reference with
        {
            Version = 4, Id = null, State = ReferenceState.Refused, From = "directory",
            Problem = "digits-lr-v4.json: class 8 has a share of 1.2, which is above 1", Events = null, FromMs = null, ToMs = null,
            Classes = null, Segments = null, HasLabels = null, LoadedMs = null,
        },
        Reference with
        {
            Lacks = ["It has 68,400 events; a budget of 1 per 30d over 24h needs 98,000.", "It has no event of segment country=FR."],
        },
        Reference with { Version = 2, Id = null, State = ReferenceState.Superseded, LoadedMs = null, Events = null },
        Reference with
        {
            Version = 1, Id = null, State = ReferenceState.Undone, Undone = new("ops", NowMs - (300 * HourMs)), LoadedMs = null,
            Events = null,
        },
    ];

    public static PromotionView Promotion { get; } = new(
        Digits, PromotionState.Done, NowMs - (240 * HourMs), NowMs - (72 * HourMs), IsTrial: true, "ann", NowMs - (5 * MinuteMs),
        NowMs - (4 * MinuteMs), Version: null, "77ab",
        ["68,400 events of 10 classes in 4 segments, of 7d.", "It lacks events of segment country=FR."], Problem: null);

    public static ModelDetail ModelDetail { get; } = new(
        Model, [Alarm], [Ended], Windows, OmittedWindows: 12,
        [
            new LabelWindowItem(
                "1h", Attribution.LabelTime, NowMs, 412, Complete: true, 0.7121, 0.2984, 0.3105, 0.812, 0.92, 0.281, null,
                [Reading(AlarmSeverity.Warning, Measure.ErrorRatioLabelTime, 0.188, 0.101)]),
            new LabelWindowItem(
                "24h", Attribution.PredictionTime, NowMs, 6_230, Complete: false, 0.3121, 0.2984, 0.3105, 0.914, 0.92, 0.131, 0.0631, []),
        ],
        Classes, "5m", Reference);

    public static RejectionsView Rejections { get; } = new(
    [
        new ReplicaRejections("monitor-0", null,
        [
            new TopicRejections("predictions", 1_204_551, 12, 318, 44,
            [
                new RejectionItem(RecordOutcome.Rejected, "not_a_distribution", Digits, 301, "probabilities that sum to 1 within 0.001",
                [
                    new RejectedRecord(3, 991_221, null, NowMs - (2 * MinuteMs), "$.probabilities",
                        "send what softmax returns, not logits"),
                    new RejectedRecord(0, 871_204, 12, NowMs - (3 * MinuteMs), "$.probabilities", null),
                ]),
                new RejectionItem(RecordOutcome.Rejected, "too_large", null, 17, "at most 1 MiB a record", []),
                new RejectionItem(RecordOutcome.Ignored, "tombstone", null, 12, "a value", []),
            ]),
            new TopicRejections("feedback", 0, 0, 0, 0, []),
        ]),
        new ReplicaRejections("monitor-2", "it did not answer within 2s", []),
    ]);

    public static MonitorView Monitor { get; } = new(
        "0.1.0", "monitor-0", "http://monitor-0.monitor:9464", NowMs - (31 * HourMs), "Degraded",
        [
            new HealthCheckItem("predictions", "Healthy", null), new HealthCheckItem("panes", "Healthy", null),
            new HealthCheckItem("windows restored", "Degraded", "reading the panes topic"),
        ],
        [new TopicItem("predictions", 6, 0, 120, 1_204_913), new TopicItem("monitor.panes", 8, 1, null, 91_223)], 41_000_000, 67_108_864,
        [
            new StateCount(ModelState.Guarded, 10), new StateCount(ModelState.NoReference, 1), new StateCount(ModelState.Silent, 1),
            new StateCount(ModelState.Filling, 1), new StateCount(ModelState.TooFewEvents, 1), new StateCount(ModelState.Retired, 0),
        ],
        [
            new ReplicaItem("monitor-0", "http://monitor-0.monitor:9464", 9, NowMs - 4_000, IsGone: false, IsThis: true),
            new ReplicaItem("monitor-1", "http://monitor-1.monitor:9464", 4, NowMs - 9_000, IsGone: false, IsThis: false),
            new ReplicaItem("monitor-2", "javascript:alert(1)", 1, NowMs - (7 * MinuteMs), IsGone: true, IsThis: false),
        ],
        AreStatusesRead: true, Forwards: false, Changes: true,
        [new SettingItem("Kafka:BootstrapServers", "kafka:9092"), new SettingItem("Http:PeerSecret:File", "(hidden)")]);

    public static WindowItem Window(string segment, string window, double kl, double floor, long events) => new(
        segment, window, MinuteMs, NowMs - (5 * MinuteMs), NowMs, events, 500, Readiness.Ready, ReadyMs: null, kl, kl * 1.1, floor, kl * 2,
        [
            Reading(AlarmSeverity.Warning, Measure.KlLiveVsReference, kl, floor * 4),
            Reading(AlarmSeverity.Critical, Measure.KlLiveVsReference, kl, floor * 5.7),
            Reading(AlarmSeverity.Warning, Measure.CusumLiveVsReference, kl * 2, floor * 9),
        ],
        DriftPace.Unknown, IsPending: false, IsUnsupported: false);

    /// <summary>Two hours of a window of five minutes, whose drift begins twelve minutes before the end.</summary>
    public static HistoryView History { get; } = new(
        Digits, SeriesKey.All, "5m", MinuteMs, 6 * HourMs, NowMs - (2 * HourMs), IsLeftOut: false, LacksReference: false,
        [.. Enumerable.Range(0, 120).Select(i => PointAt(NowMs - ((119 - i) * MinuteMs), i))]);

    private static HistoryPoint PointAt(long toMs, int i)
    {
        var drift = Math.Clamp((toMs - OnsetMs) / (6.0 * MinuteMs), 0, 1);
        return new(
            toMs, Ready: i > 4, 0.0125 + (0.006 * Math.Sin(i * 1.7)) + (0.23 * drift), 0.0125, 0.05, 0.0712,
            i % 17 == 0 ? null : (0.004 * (1 + Math.Sin(i * 0.6))) + (0.9 * drift * drift), 0.11);
    }

    private static AlarmDetail Of(
        AlarmKind kind, Measure measure, double value, double threshold, double baseline, string summary)
    {
        var first = new MeasuredValue("5m", BeganMs, measure, value, threshold);
        var standing = Standing(SeriesKey.All, "5m", value, threshold) with { Measure = measure, Pace = null, Events = 412 };
        var moved = kind == AlarmKind.Accuracy ? "accuracy 81.2 %, was 92.0 %" : "mean entropy 0.1210 nats, was 0.3310";
        var name = SnakeCaseName.Of(measure);
        return new AlarmDetail(
            Alarm with { Kind = kind, Summary = summary, First = first, PeakRatio = value / threshold, Windows = ["5m"] },
            Explanation with
            {
                Effect = kind == AlarmKind.Accuracy ? value - baseline : value,
                SmallestEffect = 0.01,
                Baseline = baseline,
                NoiseFloorNats = null,
                Now = standing,
                Peak = first,
                Classes = [],
                Segments = [],
                Windows =
                [
                    standing,
                    standing with
                    {
                        Window = "24h", Ready = false, Above = false, AboveSinceMs = null, Readiness = Readiness.Incomplete,
                        MinimumEvents = 100,
                    },
                ],
                Text = Explanation.Text with
                {
                    Summary = summary,
                    Moved = moved,
                    Peak = $"{name} {value} over 5m at 2026-11-30 01:42:00Z, threshold {threshold}",
                    Now = $"{name} {value} over 5m, threshold {threshold} (budget 1 per 30d)",
                },
            },
            []);
    }

    private static StandingItem Standing(string segment, string window, double value, double threshold) => new(
        segment, window, NowMs, Ready: true, 1_204, Measure.KlLiveVsReference, value, threshold, Above: true, DriftPace.Sudden, BeganMs,
        LeftOut: null);

    private static ReadingItem Reading(AlarmSeverity severity, Measure measure, double value, double threshold) =>
        new(severity, measure, value, threshold, "1 per 30d", value > threshold);
}
