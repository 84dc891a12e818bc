using System.Numerics.Tensors;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Outputs in segments: those of all traffic are drawn first, and are those of the segments together.</summary>
/// <param name="classes">K.</param>
/// <param name="segments">The segments; events without one have a name of null.</param>
internal sealed class SegmentedStream(int classes, params (string? Name, IPaneSource Source)[] segments) : IPaneSource
{
    private readonly Drawn[] _drawn = [.. segments.Select(_ => new Drawn(new double[classes], new double[classes]))];

    /// <summary>All traffic, and then the segments.</summary>
    public IEnumerable<SimulatedPart> Parts =>
    [
        new(new WatchedOutputs(classes), this),
        .. segments.Zip(_drawn).Where(of => of.First.Name is not null)
            .Select(of => new SimulatedPart(new WatchedOutputs(classes, of.First.Name!), of.Second)),
    ];

    /// <summary>The first segment beside the rest, of the latest pane.</summary>
    public SimulatedPart Comparison => new(new WatchedComparison(classes, segments[0].Name!), new Beside(_drawn));

    public int Next(double[] mass, double[] squares)
    {
        Array.Clear(mass);
        Array.Clear(squares);
        var count = 0;
        foreach (var (segment, drawn) in segments.Zip(_drawn))
        {
            count += drawn.Events = segment.Source.Next(drawn.Mass, drawn.Squares);
            TensorPrimitives.Add<double>(mass, drawn.Mass, mass);
            TensorPrimitives.Add<double>(squares, drawn.Squares, squares);
        }

        return count;
    }

    /// <summary>The mass of the first, then that of all others.</summary>
    private sealed class Beside(Drawn[] drawn) : IPaneSource
    {
        public int Next(double[] mass, double[] squares)
        {
            Array.Clear(mass);
            drawn[0].Mass.CopyTo(mass, 0);
            var rest = mass.AsSpan(drawn[0].Mass.Length);
            foreach (var other in drawn[1..])
            {
                TensorPrimitives.Add(rest, other.Mass, rest);
            }

            return drawn[0].Events;
        }
    }

    /// <summary>The latest pane of a segment, told again.</summary>
    private sealed class Drawn(double[] ofMass, double[] ofSquares) : IPaneSource
    {
        public double[] Mass => ofMass;

        public double[] Squares => ofSquares;

        public int Events { get; set; }

        public int Next(double[] mass, double[] squares)
        {
            ofMass.CopyTo(mass, 0);
            ofSquares.CopyTo(squares, 0);
            return Events;
        }
    }
}
