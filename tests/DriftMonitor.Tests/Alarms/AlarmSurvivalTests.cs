using System.Collections.Immutable;
using System.Numerics.Tensors;
using System.Text.Json;
using CsCheck;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.Model;
using DriftMonitor.Panes;

namespace DriftMonitor.Tests.Alarms;

/// <summary>A successor that is given what was decided says what an uninterrupted one would have said.</summary>
public sealed class AlarmSurvivalTests
{
    private const long PaneMs = 10;
    private const double ReferenceEvents = 100_000;
    private const double EvidenceNats = 12;

    private static readonly SeriesKey Series = new("m", "country=DE");
    private static readonly ImmutableArray<WindowSpec> Windows =
        [Given.Window("20ms/10ms"), Given.Window("40ms/10ms"), Given.Window("80ms/20ms")];
    private static readonly bool[] Both = [true, false];
    private static readonly FalseAlarmBudget Budget = new(1, 30 * 86_400_000L);
    private static readonly IDeparture FromReference =
        new DistributionDeparture([.5, .5], ReferenceEvents, 1, events => 1 / (2 * events));

    private static readonly IDeparture FromRest = new RestDeparture(noise: .5, ReferenceEvents / 300, pseudoEvents: 1);

    /// <summary>What drifts and comes back, as percent of the first class in a pane; and after which panes somebody dies.</summary>
    private static readonly Gen<(int[] Percent, int[] Deaths)> Runs = Gen.Select(
        Gen.Select(Gen.OneOf(Gen.Const(50), Gen.Const(40), Gen.Const(56), Gen.Const(62), Gen.Const(80)), Gen.Int[1, 12], Gen.Int[-2, 2])
            .Select((percent, panes, noise) => Enumerable.Repeat(percent + noise, panes).ToArray()).Array[6, 20]
            .Select(parts => parts.SelectMany(part => part).ToArray()),
        Gen.Int[8, 100].Array[1, 4]);

    /// <summary>From a reference, or from the rest of live traffic, whose cells stand behind the segment's.</summary>
    [Theory]
    [InlineData(false, 600)]
    [InlineData(true, 200)]
    public void What_a_successor_says_is_what_an_uninterrupted_one_would_have_said(bool besideRest, int iter) => Runs.Sample(
        run =>
        {
            var uninterrupted = Run(run.Percent, [], besideRest);
            Assert.Equal(uninterrupted, Run(run.Percent, [.. run.Deaths], besideRest));
        },
        iter: iter);

    [Fact]
    public void What_other_windows_decided_is_not_gone_on_from()
    {
        var tracker = new AlarmTracker(Windows, minimumEvents: 100);
        Note(tracker, [.. Enumerable.Repeat(80, 8)], 8);
        Assert.NotEmpty(tracker.Active);
        var other = new AlarmTracker([.. Windows.Take(2)], minimumEvents: 100);
        Assert.False(other.Restore(tracker.Save("m")));
        Assert.Empty(other.Active);
        Assert.Empty(tracker.Save("another").Series);
    }

    /// <summary>What is said, a line each; the alarms that are on at the end after it.</summary>
    private static List<string> Run(int[] percent, HashSet<int> deaths, bool besideRest)
    {
        var tracker = new AlarmTracker(Windows, minimumEvents: 100);
        var said = new List<string>();
        for (var pane = 8; pane <= percent.Length; pane++)
        {
            said.AddRange(Note(tracker, percent, pane, besideRest).Select(Line));
            if (deaths.Contains(pane))
            {
                var saved = JsonDocument.Parse(tracker.Save("m").ToJson().GetRawText()).RootElement;
                tracker = new AlarmTracker(Windows, minimumEvents: 100);
                Assert.True(tracker.Restore(AlarmStates.Of(saved)));
                for (var again = Math.Max(8, pane - 3); again <= pane; again++)
                {
                    Assert.Empty(Note(tracker, percent, again, besideRest));
                }
            }
        }

        return [.. said, .. tracker.Active.Select(Line).Order(StringComparer.Ordinal)];
    }

    private static ImmutableArray<Alarm> Note(AlarmTracker tracker, int[] percent, int toPane, bool besideRest = false) =>
    [
        .. from place in Enumerable.Range(0, Windows.Length)
           let window = Windows[place]
           where toPane * PaneMs % window.SlideMs == 0
           let departure = besideRest ? FromRest : FromReference
           let sums = Sums(percent, toPane, window, besideRest ? 4 : 2)
           let panes = new PaneRun((toPane * PaneMs) - window.LengthMs, window.SlideMs, besideRest ? 4 : 2, sums)
           from hasPanes in Both
           from alarm in tracker.Note(
               new WindowLook(Series, hasPanes ? AlarmKind.OutputDrift : AlarmKind.PolicyKl, place, toPane * PaneMs,
                   Readings(departure, panes, null))
               {
                   IsReady = true,
                   ReferenceId = "r",
                   Panes = () => hasPanes ? panes : null,
                   Departure = departure,
                   Judge = counted => Readings(departure, panes, counted),
                   HasPanes = hasPanes,
                   SmallestEffect = 0.001,
               })
           select alarm,
    ];

    private static double[] Sums(int[] percent, int toPane, WindowSpec window, int cells)
    {
        var sums = new double[cells * window.Panes];
        var from = toPane - (int)(window.LengthMs / PaneMs);
        for (var pane = from; pane < toPane; pane++)
        {
            var place = cells * (int)((pane - from) * PaneMs / window.SlideMs);
            sums[place] += 3 * percent[pane];
            sums[place + 1] += 3 * (100 - percent[pane]);
            sums.AsSpan(place + 2, cells - 2).Fill(ReferenceEvents / 2); // of the rest, half of either class
        }

        return sums;
    }

    private static Reading[] Readings(IDeparture departure, PaneRun panes, bool[]? counted)
    {
        var sums = new double[panes.Cells];
        for (var pane = 0; pane < panes.Panes; pane++)
        {
            if (counted?[pane] != false)
            {
                TensorPrimitives.Add(sums, panes[pane], sums);
            }
        }

        var events = sums[0] + sums[1];
        if (events < 100)
        {
            return [];
        }

        Reading Of(AlarmSeverity severity, double threshold, FalseAlarmBudget? budget) =>
            new(severity, Measure.KlLiveVsReference, departure.Nats(sums), threshold, budget);
        return
        [
            Of(AlarmSeverity.Critical, 2 * EvidenceNats * ((1 / events) + (1 / ReferenceEvents)), Budget),
            Of(AlarmSeverity.Warning, EvidenceNats * ((1 / events) + (1 / ReferenceEvents)), Budget),
            Of(AlarmSeverity.Critical, 0.01, null),
        ];
    }

    private static string Line(Alarm alarm) =>
        $"{alarm with { Number = 0, Windows = [], Above = [] }} {string.Join(' ', alarm.Windows)} {string.Join(' ', alarm.Above)}";
}
