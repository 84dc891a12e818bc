namespace DriftMonitor.Join;

/// <summary>What was true, as a feedback record says it: one class by name or by index, or a distribution over classes.</summary>
/// <param name="Offset">The record's offset in the feedback partition: of several labels of one prediction the largest holds.</param>
/// <param name="TimeMs">When it became known, epoch milliseconds.</param>
/// <param name="Class">The class's name, null for the other two forms.</param>
/// <param name="Index">The class's index, null for the other two forms.</param>
/// <param name="Shares">Class → probability, normalised; empty for the other two forms.</param>
public sealed record FeedbackLabel(
    long Offset, long TimeMs, string? Class, int? Index, ImmutableArray<KeyValuePair<string, double>> Shares)
{
    /// <summary>Whether it was read to rebuild a store: it counts in windows, and neither as matched nor as unmatched once more.</summary>
    public bool Rebuilt { get; init; }

    /// <summary>Whether the label is a distribution.</summary>
    public bool IsSoft => !Shares.IsEmpty;

    /// <summary>Whether a space has every class that the label names with a share above 0.</summary>
    public bool IsIn(ClassSpace space)
    {
        ArgumentNullException.ThrowIfNull(space);
        foreach (var (name, share) in Shares)
        {
            if (share > 0 && space.CellOfLabel(name) == space.OtherIndex)
            {
                return false;
            }
        }

        return IsSoft || (Class is { } known ? space.CellOfLabel(known) != space.OtherIndex : Index >= 0 && Index < space.ClassCount);
    }

    /// <summary>Whether another label names the same class or the same distribution.</summary>
    public bool AgreesWith(FeedbackLabel other) =>
        Class == other.Class && Index == other.Index && Shares.AsSpan().SequenceEqual(other.Shares.AsSpan());
}
