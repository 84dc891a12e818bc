namespace DriftMonitor.Worker.Promotion;

/// <summary>Of what time a reference is to be built.</summary>
/// <param name="FromMs">The first record timestamp of the traffic, epoch milliseconds.</param>
/// <param name="ToMs">Where it ends, exclusive.</param>
/// <param name="Trial">Whether it is only to be told of, and not to be used.</param>
internal sealed record PromotionRequest(long FromMs, long ToMs, bool Trial = false);
