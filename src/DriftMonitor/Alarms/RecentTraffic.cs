using System.Collections.Concurrent;
using DriftMonitor.Calibration;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Alarms;

/// <summary>
/// What live comparisons of models without a reference are calibrated by: the recent panes of the traffic that a segment is compared with.
/// Thread-safe.
/// </summary>
/// <remarks>
/// The panes of a longer window show how shorter ones vary: it must be six times as long, and its panes a quarter as long as they are at
/// most. So the longest window has no threshold by a budget. They are taken anew once a day, where the longer window is no longer than
/// that, and what was taken before holds until the new ones are worked out.
/// </remarks>
/// <param name="windows">All that are watched.</param>
/// <param name="pseudoEvents">ε ≥ 0, as windows are compared with.</param>
internal sealed class RecentTraffic(ImmutableArray<WindowSpec> windows, double pseudoEvents)
{
    private const int LeastWindows = 6;
    private const int LeastPanes = 4;
    private const long DayMs = 86_400_000;

    private readonly ConcurrentDictionary<(SeriesKey Series, WindowSpec Of), Taken> _taken = new();

    /// <summary>Takes the panes of the rest in, where they are wanted.</summary>
    public void Note(LiveWindow window)
    {
        if (window is not { Complete: true, Rest: { Complete: true, Events: > 0, Panes: not null } rest })
        {
            return;
        }

        foreach (var shorter in windows)
        {
            var key = (window.Series, shorter);
            if (Source(shorter) == window.Window
                && (!_taken.TryGetValue(key, out var before)
                    || before.SpaceId != window.Classes.SpaceId
                    || window.ToMs >= before.ToMs + Math.Max(window.Window.LengthMs, DayMs)))
            {
                Forget(window.ToMs - (2 * Math.Max(windows[^1].LengthMs, DayMs)));
                _taken[key] = new Taken(
                    window.ToMs, window.Classes.SpaceId,
                    new Lazy<DriftCalibration>(() => new DriftCalibration(
                        Reference(window, rest), SeriesKey.All, pseudoEvents, kept: null, isLive: true)))
                {
                    Before = before?.SpaceId == window.Classes.SpaceId ? before.Made ?? before.Before : null,
                };
            }
        }
    }

    /// <summary>What was taken for a window of a comparison; null for nothing.</summary>
    public Taken? Of(SeriesKey series, WindowSpec window, string spaceId) =>
        _taken.TryGetValue((series, window), out var taken) && taken.SpaceId == spaceId ? taken : null;

    private void Forget(long beforeMs)
    {
        foreach (var (key, _) in _taken.Where(taken => taken.Value.ToMs < beforeMs))
        {
            _taken.TryRemove(key, out _);
        }
    }

    private WindowSpec? Source(WindowSpec of) => windows.LastOrDefault(
        longer => longer.LengthMs >= LeastWindows * of.LengthMs && LeastPanes * longer.SlideMs <= of.LengthMs);

    /// <summary>The rest's panes as the blocks of a reference; nobody sees it, so its classes are numbers.</summary>
    private static ReferenceSnapshot Reference(LiveWindow window, OtherWindow rest)
    {
        var (panes, blocks, all) = (rest.Panes!, ImmutableArray.CreateBuilder<ReferenceBlock>(), new ulong[rest.Mass.Length]);
        for (var pane = 0; pane < panes.Events.Length; pane++)
        {
            ulong[] mass = [.. panes.MassOf(pane).ToArray().Select(events => (ulong)(events * FixedPoint.One))];
            blocks.Add(new ReferenceBlock(window.FromMs + (pane * window.Window.SlideMs), panes.Events[pane], [.. mass]));
            TensorPrimitives.Add(all, mass, all);
        }

        var sums = new PaneSums(panes.Events.Sum(), all, [.. rest.Squares.Select(square => (ulong)square)]);
        var classes = ClassSpace.Create(
            Enumerable.Range(0, all.Length - 1).Select(k => k.ToString(CultureInfo.InvariantCulture)));
        return new ReferenceSnapshot(
            window.Series.Model, version: 1, DateTimeOffset.FromUnixTimeMilliseconds(window.ToMs), classes,
            new Dictionary<string, PaneSums>(StringComparer.Ordinal) { [SeriesKey.All] = sums }, blocks.DrainToImmutable());
    }

    /// <param name="ToMs">Up to when, epoch milliseconds.</param>
    /// <param name="SpaceId">Over which classes.</param>
    /// <param name="Calibration">What follows from it, made when it is asked for.</param>
    internal sealed record Taken(long ToMs, string SpaceId, Lazy<DriftCalibration> Calibration)
    {
        /// <summary>What followed from what was taken before; null for nothing.</summary>
        public DriftCalibration? Before { get; init; }

        /// <summary>What tells it from what was taken before.</summary>
        public string Id => string.Create(CultureInfo.InvariantCulture, $"rest up to {ToMs}");

        /// <summary>What follows from it, if it has been made.</summary>
        public DriftCalibration? Made => Calibration.IsValueCreated ? Calibration.Value : null;

        /// <summary>Makes it: slow.</summary>
        public DriftCalibration Make() => Calibration.Value;
    }
}
