namespace DriftMonitor.Sums;

/// <summary>Sums of integers over events: a commutative group, so any order, grouping or correction gives the same bits.</summary>
/// <remarks>Zero is what a new one is. Sums over different class spaces are never combined. Not safe for concurrent use.</remarks>
internal interface ISums<TSelf>
    where TSelf : class
{
    /// <summary>Whether these are the sums of no events.</summary>
    bool IsEmpty { get; }

    /// <summary>Adds the events that other sums hold.</summary>
    void Add(TSelf other);

    /// <summary>Takes back events that were added before.</summary>
    void Subtract(TSelf other);

    /// <summary>A copy that later changes to this one leave alone.</summary>
    TSelf Copy();
}
