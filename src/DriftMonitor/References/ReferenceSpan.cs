using DriftMonitor.Display;

namespace DriftMonitor.References;

/// <summary>How much time a reference's blocks cover.</summary>
/// <param name="Block">A block's length: the shortest time from one's start to the next one's.</param>
/// <param name="Whole">From the first block's start to the last one's end.</param>
/// <param name="LongestSilence">
/// No time without an event was longer: from the first block's start to the next one's end, of the two that are furthest apart. Events
/// within a block have no times of their own, so the true one may be up to two blocks shorter.
/// </param>
public sealed record ReferenceSpan(TimeSpan Block, TimeSpan Whole, TimeSpan LongestSilence)
{
    /// <summary>The span of a reference, null when all of it is one block, whose length nobody knows.</summary>
    public static ReferenceSpan? FromReference(ReferenceSnapshot reference)
    {
        var blocks = reference.Blocks;
        if (blocks.Length < 2)
        {
            return null;
        }

        var steps = blocks.Zip(blocks.Skip(1), (one, next) => next.StartMs - one.StartMs).ToArray();
        var block = steps.Min();
        return new ReferenceSpan(
            TimeSpan.FromMilliseconds(block),
            TimeSpan.FromMilliseconds(blocks[^1].StartMs - blocks[0].StartMs + block),
            TimeSpan.FromMilliseconds(steps.Max() + block));
    }

    /// <summary>As people read it: <c>60 of 10s, over 10m</c>.</summary>
    public string Text(int blocks) => string.Create(
        CultureInfo.InvariantCulture,
        $"{blocks} of {DurationText.Rounded(Block.TotalMilliseconds)}, over {DurationText.Rounded(Whole.TotalMilliseconds)}");

    /// <summary>How many of so many events fall into a window on average.</summary>
    public double EventsIn(WindowSpec window, long events) => events * (window.LengthMs / Whole.TotalMilliseconds);
}
