namespace DriftMonitor.Windows;

/// <summary>A message of a lane that cannot be merged here: it has another <see cref="LanePlan"/>, or a newer format.</summary>
/// <remarks>
/// What the lane reads meanwhile is missing here, in series that nobody here knows of. So no window is complete and nothing settles
/// until progress by this plan follows, and then no window is that reaches back before it.
/// </remarks>
/// <param name="SourcePartition">The partition of the predictions topic.</param>
/// <param name="Why">What differs, for a person to read.</param>
/// <param name="Register">What was to be merged; null when the message is no register, or not even that can be read.</param>
public sealed record UnreadableLane(int SourcePartition, string Why, PaneRegister? Register) : PaneMessage
{
    /// <summary>The <see cref="SourcePartition"/> of what is said of all of them.</summary>
    public const int AllSources = -1;
}
