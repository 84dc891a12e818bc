namespace DriftMonitor.Calibration;

/// <summary>The result of one calibration, of a window at one count of events: what its thresholds are computed from. Immutable.</summary>
/// <param name="Tails">The rate of alarms by level.</param>
/// <param name="FluctuationVariances">
/// The fluctuation's variance of the window, and of the parts of it that may be judged by themselves, by length in milliseconds. Without
/// unit for drift (B), in the square of the value's unit for a mean.
/// </param>
/// <param name="Shortfalls">What the reference has too little of for such a window.</param>
internal sealed record CalibratedWindow(
    WindowTails Tails, ImmutableArray<KeyValuePair<long, double>> FluctuationVariances, ImmutableArray<Shortfall> Shortfalls)
{
    /// <summary>The version of the bytes: to be raised when they change.</summary>
    private const byte Format = 1;

    /// <summary>Writes it; equal bytes give the very same thresholds.</summary>
    public byte[] ToBytes()
    {
        using var stream = new MemoryStream();
        using var bytes = new BinaryWriter(stream);
        bytes.Write(Format);
        Tails.WriteTo(bytes);
        bytes.Write((byte)FluctuationVariances.Length);
        foreach (var (lengthMs, fluctuation) in FluctuationVariances)
        {
            bytes.Write(lengthMs);
            bytes.Write(fluctuation);
        }

        bytes.Write((byte)Shortfalls.Length);
        foreach (var shortfall in Shortfalls)
        {
            bytes.Write((byte)shortfall.Kind);
            bytes.Write(shortfall.Has);
            bytes.Write(shortfall.Enough);
        }

        return stream.ToArray();
    }

    /// <summary>Reads what <see cref="ToBytes"/> has written; null for anything else, also for a newer version's bytes.</summary>
    public static CalibratedWindow? Read(byte[] value)
    {
        using var stream = new MemoryStream(value);
        using var bytes = new BinaryReader(stream);
        try
        {
            var read = ReadFrom(bytes);
            return stream.Position == stream.Length ? read : null;
        }
        catch (Exception problem) when (problem is InvalidDataException or EndOfStreamException)
        {
            return null;
        }
    }

    /// <summary>Reads what <c>WriteTo</c> (here <see cref="ToBytes"/>) has written.</summary>
    /// <exception cref="InvalidDataException">The bytes are something else.</exception>
    /// <exception cref="EndOfStreamException">The bytes are cut off.</exception>
    private static CalibratedWindow ReadFrom(BinaryReader bytes)
    {
        if (bytes.ReadByte() != Format)
        {
            throw new InvalidDataException();
        }

        var tail = WindowTails.ReadFrom(bytes);
        var fluctuations = new KeyValuePair<long, double>[bytes.ReadByte()];
        for (var i = 0; i < fluctuations.Length; i++)
        {
            fluctuations[i] = new(bytes.ReadInt64(), ReadFinite(bytes));
        }

        var shortfalls = new Shortfall[bytes.ReadByte()];
        for (var i = 0; i < shortfalls.Length; i++)
        {
            shortfalls[i] = new((ShortfallKind)bytes.ReadByte(), ReadFinite(bytes), ReadFinite(bytes));
        }

        return shortfalls.All(shortfall => Enum.IsDefined(shortfall.Kind))
            ? new CalibratedWindow(tail, [.. fluctuations], [.. shortfalls])
            : throw new InvalidDataException();
    }

    /// <summary>Reads a finite number; for all types that are part of a calibrated window.</summary>
    /// <exception cref="InvalidDataException">It is infinite or NaN.</exception>
    public static double ReadFinite(BinaryReader bytes) => bytes.ReadDouble() is var number && double.IsFinite(number)
        ? number
        : throw new InvalidDataException();
}
