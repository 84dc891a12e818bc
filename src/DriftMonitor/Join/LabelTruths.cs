namespace DriftMonitor.Join;

/// <summary>How true a label says that each class is, from 0 to 1. A class that it does not name does not hold.</summary>
/// <remarks>
/// A label may be read before its prediction, so nothing is known of the model's classes then, and the values are kept as they came. Of
/// classes that hold or not, each by itself, a value is the truth of its class. Of classes that exclude each other the values are a
/// distribution if they have a <see cref="Sum"/>, by which they are divided, and nothing otherwise. Immutable.
/// </remarks>
public sealed class LabelTruths
{
    /// <param name="names">The names of the classes in ordinal order; empty where the values are by position.</param>
    /// <param name="values">One for each name or position; slightly above 1 counts as 1.</param>
    /// <param name="sum">What the values add up to if they may be a distribution, else null.</param>
    /// <exception cref="ArgumentException">There are other numbers of names and values, or positions are a distribution.</exception>
    public LabelTruths(ImmutableArray<string> names, ImmutableArray<double> values, double? sum = null)
    {
        if (names.Length != values.Length && (!names.IsEmpty || sum is not null))
        {
            throw new ArgumentException($"a label gives {names.Length} names to {values.Length} values", nameof(names));
        }

        (Names, Values, Sum) = (names, values, sum);
    }

    /// <summary>The names of the classes in ordinal order; empty where the values are by position.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>The truth of each class, as the record gives it.</summary>
    public ImmutableArray<double> Values { get; }

    /// <summary>What the values add up to if they may be a distribution over classes that exclude each other, else null.</summary>
    public double? Sum { get; }

    /// <summary>Whether it may be a distribution, or a class holds in part.</summary>
    internal bool AreSoft => Sum is not null || Values.AsSpan().ContainsAnyExcept(0.0, 1.0);

    private bool AreByPosition => Names.Length < Values.Length;

    /// <summary>Whether other truths give the same values to the same classes.</summary>
    internal bool AgreeWith(LabelTruths other) => Names.SequenceEqual(other.Names) && Values.SequenceEqual(other.Values);

    /// <summary>Whether each value is the truth of a class by itself, if its model's classes are these.</summary>
    internal bool AreIndependentIn(ClassSpace space) => space.Choices > 1 || (space.IsIndependent && Sum is null);

    /// <summary>Why they say nothing of these classes, null if they do.</summary>
    internal UnmatchedReason? ObjectionTo(ClassSpace space)
    {
        var areIndependent = AreIndependentIn(space);
        if (!areIndependent && Sum is null)
        {
            return UnmatchedReason.NotADistribution;
        }

        if (AreByPosition && 2 * Values.Length != space.ClassCount)
        {
            return UnmatchedReason.UnknownClass;
        }

        for (var i = 0; i < Values.Length; i++)
        {
            if (Values[i] > 0 && CellOf(i, space, areIndependent) == space.OtherIndex)
            {
                return UnmatchedReason.UnknownClass;
            }
        }

        return null;
    }

    /// <summary>Adds each value to the cell of its class; the complements of classes that hold or not are left to the caller.</summary>
    internal void AddTo(Span<double> cells, ClassSpace space)
    {
        var areIndependent = AreIndependentIn(space);
        for (var i = 0; i < Values.Length; i++)
        {
            ref var cell = ref cells[CellOf(i, space, areIndependent)];
            cell = areIndependent
                ? Math.Max(cell, Math.Min(1, Values[i])) // 1 and 1.0 are one name
                : cell + (Values[i] / Sum!.Value);
        }
    }

    private int CellOf(int index, ClassSpace space, bool areIndependent) =>
        AreByPosition ? (2 * index) + 1
        : areIndependent ? space.CellOfIndependent(Names[index])
        : space.CellOfLabel(Names[index]);
}
