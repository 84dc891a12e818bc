namespace DriftMonitor.Worker.Commands.Backtest;

/// <summary>A logarithmic scale of divergences: what is a tenth of its threshold and what is ten times that are both seen.</summary>
/// <param name="BottomNats">The lowest value shown, above 0; what is below is shown there.</param>
internal readonly record struct LogScale(double BottomNats, double TopNats)
{
    private const double Decades = 4;
    private static readonly int[] Steps = [1, 2, 5];

    /// <summary>The scale that all values have room on, of the lowest those within four decades of the highest.</summary>
    /// <param name="nats">Values; those that are not above 0 and finite are passed over.</param>
    public static LogScale Of(IEnumerable<double> nats)
    {
        var values = nats.Where(value => value > 0 && double.IsFinite(value)).DefaultIfEmpty(1).ToList();
        var top = values.Max();
        return new LogScale(Math.Max(values.Min(), top * Math.Pow(10, -Decades)) / 1.3, top * 1.5);
    }

    /// <summary>Where a value is: 0 at the bottom, 1 at the top.</summary>
    public double PositionOf(double nats) =>
        Math.Clamp(Math.Log(Math.Max(nats, BottomNats) / BottomNats) / Math.Log(TopNats / BottomNats), 0, 1);

    public double NatsAt(double position) => BottomNats * Math.Pow(TopNats / BottomNats, position);

    /// <summary>1, 2 and 5 of every decade on the scale.</summary>
    public IEnumerable<double> Ticks()
    {
        var (bottom, top) = (BottomNats, TopNats);
        var first = (int)Math.Floor(Math.Log10(bottom));
        return from decade in Enumerable.Range(first, (int)Math.Ceiling(Math.Log10(top)) - first + 1)
               from step in Steps
               let nats = step * Math.Pow(10, decade)
               where nats >= bottom && nats <= top
               select nats;
    }
}
