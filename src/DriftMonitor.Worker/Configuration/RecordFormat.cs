namespace DriftMonitor.Worker.Configuration;

/// <summary>The formats of our records that a build reads, and the one that it writes.</summary>
/// <remarks>
/// A build reads its newest format and the one before, and writes the one before until <c>Kafka:PanesFormat</c> says otherwise: so a group
/// can be rolled forward, replica by replica, and back. What was written before there were formats is refused at the start.
/// </remarks>
/// <param name="Newest">The newest format that is read.</param>
/// <param name="Written">The format that is written.</param>
internal sealed record RecordFormat(int Newest, int Written)
{
    /// <summary>The newest format of this build.</summary>
    public const int Current = 1;

    /// <summary>The oldest format that is read.</summary>
    public int Oldest => OldestOf(Newest);

    /// <summary>The oldest format that a build reads with a newest one.</summary>
    public static int OldestOf(int newest) => Math.Max(1, newest - 1);

    /// <summary>Why a record cannot be read, for a person; null when its format can.</summary>
    public string? Problem(int format) => format >= Oldest && format <= Newest
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"it writes format {format}, this replica reads formats {Oldest} to {Newest}");
}
