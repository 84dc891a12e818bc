namespace DriftMonitor.Join;

/// <summary>What was true, as a feedback record says it: one class by name or by index, or how true each class is.</summary>
/// <param name="Offset">The record's offset in the feedback partition: of several labels of one prediction the largest holds.</param>
/// <param name="TimeMs">When it became known, epoch milliseconds.</param>
/// <param name="Class">The class's name, null for the other two forms.</param>
/// <param name="Index">The class's index, null for the other two forms.</param>
/// <param name="Truths">How true each class is, null for the other two forms.</param>
public sealed record FeedbackLabel(long Offset, long TimeMs, string? Class, int? Index, LabelTruths? Truths = null)
{
    /// <summary>Whether it was read to rebuild a store: it counts in windows, and neither as matched nor as unmatched once more.</summary>
    public bool Rebuilt { get; init; }

    /// <summary>Whether the label may be a distribution, or says that a class holds in part.</summary>
    public bool IsSoft => Truths?.AreSoft == true;

    /// <summary>Why the label says nothing of a model with these classes, null if it does.</summary>
    public UnmatchedReason? ObjectionTo(ClassSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        return Truths is { } truths ? truths.ObjectionTo(space)
            : CellOf(space) == space.OtherIndex ? UnmatchedReason.UnknownClass
            : null;
    }

    /// <summary>Whether another label names the same class, or gives the same truths.</summary>
    public bool AgreesWith(FeedbackLabel other) =>
        Class == other.Class
        && Index == other.Index
        && (Truths is { } truths ? other.Truths is { } others && truths.AgreeWith(others) : other.Truths is null);

    /// <summary>Writes what was true into the cells of a space: a distribution, or of independent classes one for each pair.</summary>
    internal void CopyTo(Span<double> cells, ClassSpace space)
    {
        cells.Clear();
        if (Truths is { } truths)
        {
            truths.AddTo(cells, space);
        }
        else
        {
            cells[CellOf(space)] = 1;
        }

        if (Truths?.AreIndependentIn(space) ?? space.Choices > 1)
        {
            for (var cell = 1; cell < space.OtherIndex; cell += 2)
            {
                cells[cell - 1] = 1 - cells[cell];
            }

            cells[space.OtherIndex] = 0; // a class that the space does not know, and that does not hold
        }
    }

    private int CellOf(ClassSpace space) => (Class, Index) switch
    {
        ({ } name, _) => space.Choices > 1 ? space.CellOfIndependent(name) : space.CellOfLabel(name),
        (_, >= 0 and var index) when space.Choices > 1 => index < space.Choices ? (2 * index) + 1 : space.OtherIndex,
        (_, >= 0 and var index) => Math.Min(index, space.OtherIndex),
        _ => space.OtherIndex,
    };
}
