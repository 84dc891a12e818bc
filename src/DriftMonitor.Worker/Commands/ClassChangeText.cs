namespace DriftMonitor.Worker.Commands;

/// <summary>What a recorded run says of class spaces that gave way to others.</summary>
internal static class ClassChangeText
{
    /// <summary>A line for each change, and one for what counts in no window.</summary>
    /// <param name="changes">The changes, in the order of time.</param>
    /// <param name="otherClasses">How many events were refused, in each of their series.</param>
    public static IEnumerable<string> Lines(IEnumerable<ClassesOutvoted> changes, long otherClasses)
    {
        foreach (var change in changes)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{DisplayText.Of(change.Model)}: the classes changed {change.Change} at "
                + $"{DateTimeOffset.FromUnixTimeMilliseconds(change.AtMs):u}: {change.Misfits} of {change.Events} predictions did not fit");
        }

        if (otherClasses > 0)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"{otherClasses} events are in no window, because their classes were not the model's classes at that time (an event with a "
                + $"segment is counted once for all traffic and once for the segment)");
        }
    }
}
