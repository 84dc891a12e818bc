namespace DriftMonitor.Calibration;

/// <summary>All that one calibration, of a window at one count, has worked out: what its thresholds are read from. Immutable.</summary>
/// <param name="Tails">How often an alarm begins at a level of each value.</param>
/// <param name="FluctuationVariances">B of the window, and of the parts of it that may be judged by themselves; by length, milliseconds.</param>
/// <param name="Shortfalls">What the reference has too little of for such a window.</param>
internal sealed record CalibratedWindow(
    WindowTails Tails, ImmutableArray<KeyValuePair<long, double>> FluctuationVariances, ImmutableArray<Shortfall> Shortfalls)
{
    private const byte Format = 1;

    /// <summary>It as bytes; equal ones give the very same thresholds.</summary>
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

    /// <summary>Reads what <see cref="ToBytes"/> has written; null for anything else, also for what a newer version has.</summary>
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

    /// <summary>Reads what its like has written.</summary>
    /// <exception cref="InvalidDataException">It is nothing of the kind.</exception>
    /// <exception cref="EndOfStreamException">It is cut off.</exception>
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

    /// <summary>A number that is one.</summary>
    /// <exception cref="InvalidDataException">It is not.</exception>
    public static double ReadFinite(BinaryReader bytes) => bytes.ReadDouble() is var number && double.IsFinite(number)
        ? number
        : throw new InvalidDataException();
}
