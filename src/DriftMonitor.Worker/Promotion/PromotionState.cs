namespace DriftMonitor.Worker.Promotion;

/// <summary>How far the building of a reference is.</summary>
internal enum PromotionState
{
    /// <summary>The topic is being read.</summary>
    Running,

    /// <summary>It is in use, or has been told of.</summary>
    Done,

    /// <summary>Nothing came of it.</summary>
    Failed,
}
