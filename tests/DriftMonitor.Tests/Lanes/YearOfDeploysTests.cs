using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Lanes;

/// <summary>
/// A year of three deploys a day, each with a name of its own (case 29): whatever was silent for the longest window and a day has given
/// its place to what came after it, in both stages, and nothing of the present is lost.
/// </summary>
public sealed class YearOfDeploysTests : IDisposable
{
    private const long HourMs = 3_600_000;
    private const long DeployMs = 8 * HourMs;
    private const int Deploys = 3 * 365;
    private const int EventsOfDeploy = 4; // one every two hours
    private const int EventsOfDay = 12;

    private static readonly WindowPlan Plan = Given.Plan("24h/1h");

    private readonly WatchedModels _models = new(
        maxModels: 50, maxSegmentsPerModel: 20, acceptUnknown: true, silenceMs: (24 * HourMs) + (24 * HourMs));
    private readonly ModelClasses _classes = Given.Classes(2);
    private readonly Subject<PredictionRecord> _records = new();
    private readonly Subject<PublishTick> _publish = new();
    private readonly Subject<long> _ticks = new();
    private readonly List<StageEvent> _refused = [];
    private readonly Dictionary<SeriesKey, long> _counted = [];
    private readonly Dictionary<SeriesKey, List<long>> _windows = [];
    private long _offset;

    public void Dispose()
    {
        _records.Dispose();
        _publish.Dispose();
        _ticks.Dispose();
    }

    [Fact]
    public void Versions_of_one_model_count_beside_all_traffic()
    {
        Run(deploy => (_models.Admit("fraud", out _)!, $"{deploy}"));

        Assert.Equal(Deploys * EventsOfDeploy, _counted[new SeriesKey("fraud", "_all")]);
        Assert.All(
            Enumerable.Range(0, Deploys), deploy => Assert.Equal(EventsOfDeploy, _counted[new SeriesKey("fraud", $"version={deploy}")]));
        Assert.Equal(Deploys + 1, _counted.Count);
        Assert.All(_windows[new SeriesKey("fraud", "_all")][24..], events => Assert.Equal(EventsOfDay, events));
        Assert.All(
            Enumerable.Range(0, Deploys - 3),
            deploy => Assert.Equal(EventsOfDeploy, _windows[new SeriesKey("fraud", $"version={deploy}")].Max()));
    }

    [Fact]
    public void Names_that_no_pattern_maps_are_models_that_come_and_go()
    {
        Run(deploy =>
        {
            var model = _models.Admit($"fraud-build-{deploy}", out var reason);
            Assert.Equal(RejectionReason.None, reason);
            return (model!, null);
        });

        Assert.All(
            Enumerable.Range(0, Deploys), deploy => Assert.Equal(EventsOfDeploy, _counted[new SeriesKey($"fraud-build-{deploy}", "_all")]));
        Assert.Equal(Deploys, _counted.Count);
        Assert.InRange(_models.Count, 1, 50);
        Assert.All(
            Enumerable.Range(0, Deploys - 3),
            deploy => Assert.Equal(EventsOfDeploy, _windows[new SeriesKey($"fraud-build-{deploy}", "_all")].Max()));
    }

    private void Run(Func<int, (WatchedModel Model, string? Version)> deployed)
    {
        // in stage 2 as many series have places as are not silent for two of the longest windows, and all traffic
        using var stages = _records
            .AddIntoPanes(_publish, sourcePartition: 0, Plan)
            .SelectMany(Messages)
            .SlideWindows(_ticks, Plan, maxSeries: 10)
            .Subscribe(Take);
        var first = default(WatchedName);
        for (var hour = 0L; hour * HourMs < Deploys * DeployMs; hour++)
        {
            if (hour % 2 == 0)
            {
                var (model, version) = deployed((int)(hour * HourMs / DeployMs));
                var record = Given.Prediction(model, _classes, _offset++, hour * HourMs, null, null, version);
                Assert.Equal(version is null, record.Version is null);
                first ??= version is null ? model : record.Version;
                _records.OnNext(record);
            }

            _publish.OnNext(new PublishTick((hour + 1) * HourMs, CaughtUp: true));
            _ticks.OnNext((hour + 1) * HourMs);
        }

        _records.OnCompleted();
        Assert.Empty(_refused);
        Assert.True(first!.Retired); // no cap was passed over
    }

    private IEnumerable<PaneMessage> Messages(StageEvent said)
    {
        if (said is RejectedRecord)
        {
            _refused.Add(said);
        }

        if (said is not LanePublication publication)
        {
            return [];
        }

        foreach (var register in publication.Registers)
        {
            _counted[register.Series] = _counted.GetValueOrDefault(register.Series) + register.Sums.Events;
        }

        return [.. publication.Registers, publication.Progress];
    }

    private void Take(StageEvent said)
    {
        if (said is RefusedEvents)
        {
            _refused.Add(said);
        }
        else if (said is LiveWindow { Retired: false } window)
        {
            if (!_windows.TryGetValue(window.Series, out var events))
            {
                _windows[window.Series] = events = [];
            }

            events.Add(window.Events);
        }
    }
}
