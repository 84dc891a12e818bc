namespace DriftMonitor.Sums;

/// <summary>What is kept of how sure single outputs were: how many events, and the sum of their entropies.</summary>
/// <remarks>
/// A commutative group with the default as zero: integers, so any order or grouping of the same events gives the same bits. Events of
/// registers that an older version wrote have none, so it counts its own.
/// </remarks>
/// <param name="Events">How many events.</param>
/// <param name="Units">Σ H(p) of the events, in units of 2⁻³² nats.</param>
public readonly record struct EntropySums(long Events, Int128 Units)
{
    /// <summary>The mean entropy of the events, nats; null without any.</summary>
    public double? MeanNats => Events > 0 ? (double)Units * FixedPoint.Unit / Events : null;

    /// <summary>Those of both.</summary>
    public static EntropySums operator +(EntropySums one, EntropySums other) => Add(one, other);

    /// <summary>Those that are left without a part.</summary>
    public static EntropySums operator -(EntropySums all, EntropySums part) => Subtract(all, part);

    /// <summary>Those of both.</summary>
    public static EntropySums Add(EntropySums one, EntropySums other) => new(one.Events + other.Events, one.Units + other.Units);

    /// <summary>Those that are left without a part.</summary>
    public static EntropySums Subtract(EntropySums all, EntropySums part) => new(all.Events - part.Events, all.Units - part.Units);
}
