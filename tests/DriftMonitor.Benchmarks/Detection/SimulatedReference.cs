using System.Collections.Immutable;
using DriftMonitor.Divergence;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Builds a snapshot from a stream in which nothing drifts.</summary>
internal static class SimulatedReference
{
    /// <summary>Of a model's outputs alone.</summary>
    public static ReferenceSnapshot Build(IPaneSource stream, int classes, int panes) =>
        Build([new SimulatedPart(new WatchedOutputs(classes), stream)], panes);

    /// <summary>Of all that is watched of a model; one without outputs is given a single one.</summary>
    public static ReferenceSnapshot Build(IReadOnlyList<SimulatedPart> parts, int panes)
    {
        var outputs = parts.Where(part => part.Watched is WatchedOutputs)
            .ToDictionary(part => part, part => new OutputSums(part.Watched.Cells));
        var values = parts.Where(part => part.Source is ValueStream)
            .ToDictionary(part => part, part => part.Sums.Select(_ => new ValueBaselineBuilder()).ToArray());
        for (var pane = 0; pane < panes; pane++)
        {
            foreach (var part in parts)
            {
                if (values.TryGetValue(part, out var builders))
                {
                    var startMs = pane * SimulatedStream.PaneMs;
                    ((ValueStream)part.Source).OnValue = (i, value) => builders[i].Add(startMs, FixedPoint.FromNats(value));
                }

                part.Next();
                outputs.GetValueOrDefault(part)?.Add(pane * SimulatedStream.PaneMs, part);
            }
        }

        foreach (var part in values.Keys)
        {
            ((ValueStream)part.Source).OnValue = null;
        }

        return Snapshot(outputs, values);
    }

    /// <summary>The shares of all traffic, smoothed by one pseudo-event.</summary>
    public static double[] Smoothed(this ReferenceSnapshot reference)
    {
        var smoothed = new double[reference.ClassSpace.OtherIndex];
        PseudoEvents.SmoothReference(reference.All.Shares[..smoothed.Length], reference.All.Events, 1, smoothed);
        return smoothed;
    }

    private static ReferenceSnapshot Snapshot(
        Dictionary<SimulatedPart, OutputSums> outputs, Dictionary<SimulatedPart, ValueBaselineBuilder[]> values)
    {
        var segments = outputs.ToDictionary(of => ((WatchedOutputs)of.Key.Watched).Segment, of => of.Value);
        var all = segments.GetValueOrDefault(SeriesKey.All) ?? OutputSums.OfOneEvent();
        segments[SeriesKey.All] = all;
        var labels = values.FirstOrDefault(of => of.Key.Watched is WatchedLabels).Value;
        var entropies = values.FirstOrDefault(of => of.Key.Watched is WatchedDispersion).Value;
        var policies = values.Where(of => of.Key.Watched is WatchedPolicies)
            .SelectMany(of => ((WatchedPolicies)of.Key.Watched).Estimates.Zip(of.Value, KeyValuePair.Create))
            .ToDictionary(of => of.Key, of => of.Value.Build());
        return new ReferenceSnapshot(
            "simulated", 1, DateTimeOffset.UnixEpoch,
            outputs.Keys.Select(part => ((WatchedOutputs)part.Watched).Space).FirstOrDefault() ?? ClassSpace.Indexed(all.Classes),
            segments.ToDictionary(of => of.Key, of => of.Value.Sums()), all.Blocks(), bins: null,
            labels?[WatchedLabels.Cost].Build(), policies, labels?[WatchedLabels.Error].Build(),
            entropies?[0].Build());
    }

    /// <summary>The outputs of a series.</summary>
    private sealed class OutputSums(int classes)
    {
        private readonly ulong[] _mass = new ulong[classes + 1];
        private readonly ulong[] _squares = new ulong[classes + 1];
        private readonly List<ReferenceBlock> _blocks = [];
        private long _events;

        public int Classes => classes;

        public static OutputSums OfOneEvent()
        {
            var sums = new OutputSums(1);
            sums.Add(0, 1, [1], [1]);
            return sums;
        }

        public void Add(long startMs, SimulatedPart pane) => Add(startMs, pane.Events, pane.Sums, pane.Squares);

        public PaneSums Sums() => new(_events, _mass, _squares);

        public ImmutableArray<ReferenceBlock> Blocks()
        {
            var blocks = _blocks;
            for (var length = SimulatedStream.PaneMs; blocks.Count > ReferenceBuilder.MaxBlocks;)
            {
                length *= 2;
                blocks = [.. blocks.GroupBy(block => block.StartMs / length * length).Select(group => Merged(group.Key, [.. group]))];
            }

            return [.. blocks];
        }

        private void Add(long startMs, int count, ReadOnlySpan<double> mass, ReadOnlySpan<double> squares)
        {
            var units = new ulong[classes + 1];
            for (var k = 0; k < classes; k++)
            {
                units[k] = (ulong)Math.Round(mass[k] * FixedPoint.One);
                _mass[k] += units[k];
                _squares[k] += (ulong)Math.Round(squares[k] * FixedPoint.One);
            }

            _events += count;
            if (count > 0)
            {
                _blocks.Add(new ReferenceBlock(startMs, count, [.. units]));
            }
        }

        private static ReferenceBlock Merged(long startMs, ReferenceBlock[] parts)
        {
            var mass = new ulong[parts[0].Mass.Length];
            foreach (var part in parts)
            {
                for (var k = 0; k < mass.Length; k++)
                {
                    mass[k] += part.Mass[k];
                }
            }

            return new ReferenceBlock(startMs, parts.Sum(part => part.Events), [.. mass]);
        }
    }
}
