using System.Buffers.Binary;
using DriftMonitor.Worker.Join.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Join;

/// <summary>What waits for its label, as bytes on disk and back.</summary>
/// <remarks>
/// Probabilities are single-precision: whatever their size, each keeps a relative error of at most 2⁻²⁴, so a loss −ln p is off by at most
/// 6·10⁻⁸ nats an event, or twice that for each class that holds or not by itself (fixed point of the same four bytes would be off by
/// 10⁻⁴ at p = 10⁻⁶).
/// </remarks>
internal static class StoredEntries
{
    /// <summary>The probabilities as they will be read again.</summary>
    public static double[] Rounded(double[] probabilities) => Array.ConvertAll(probabilities, p => (double)(float)p);

    /// <param name="numberOf">The number of a class space, from 1.</param>
    public static byte[] Encode(JoinEntry entry, Func<ClassSpace, int> numberOf)
    {
        var wire = new StoredEntry();
        if (entry.Prediction is { } prediction)
        {
            wire.Offset = prediction.Offset;
            wire.TimeMs = prediction.TimeMs;
            wire.Segment.AddRange(prediction.Segments);
            wire.Space = numberOf(prediction.Space);
            wire.Probabilities = Probabilities(prediction.Probabilities, wire);
        }

        foreach (var label in entry.Labels)
        {
            var stored = new StoredLabel { Offset = label.Offset, TimeMs = label.TimeMs, Rebuilt = label.Rebuilt };
            if (label.Class is { } name)
            {
                stored.ClassName = name;
            }

            if (label.Index is { } index)
            {
                stored.ClassIndex = index;
            }

            if (label.Truths is { } truths)
            {
                Write(truths, stored);
            }

            wire.Labels.Add(stored);
        }

        return wire.ToByteArray();
    }

    /// <summary>Reads what a store holds.</summary>
    /// <exception cref="InvalidDataException">It is not what was written.</exception>
    public static T Read<T>(Func<T> read)
    {
        try
        {
            return read();
        }
        catch (Exception problem) when (problem is ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            throw new InvalidDataException($"the store holds what was not written into it: {problem.Message}", problem);
        }
    }

    /// <param name="spaces">The class spaces by their numbers.</param>
    /// <exception cref="InvalidDataException">It names a class space or a cell that there is not.</exception>
    public static JoinEntry Decode(ReadOnlySpan<byte> bytes, IReadOnlyList<ClassSpace> spaces)
    {
        var wire = StoredEntry.Parser.ParseFrom(bytes);
        JoinedPrediction? prediction = null;
        if (wire.Space > 0)
        {
            var space = wire.Space <= spaces.Count
                ? spaces[wire.Space - 1]
                : throw new InvalidDataException($"there is no class space {wire.Space}");
            var cells = new double[space.CellCount];
            for (var i = 0; i < wire.Probabilities.Length / sizeof(float); i++)
            {
                var cell = wire.Cells.Count == 0 ? i : i < wire.Cells.Count ? wire.Cells[i] : -1;
                if (cell < 0 || cell >= cells.Length)
                {
                    throw new InvalidDataException($"class space {wire.Space} has no cell for probability {i}");
                }

                cells[cell] = BinaryPrimitives.ReadSingleLittleEndian(wire.Probabilities.Span[(i * sizeof(float))..]);
            }

            prediction = new JoinedPrediction(wire.Offset, wire.TimeMs, [.. wire.Segment], space, cells);
        }

        return prediction is null && wire.Labels.Count == 0
            ? throw new InvalidDataException("an entry has neither a prediction nor a label")
            : new JoinEntry(prediction, [.. wire.Labels.Select(Decode)]);
    }

    private static FeedbackLabel Decode(StoredLabel label) => new(
        label.Offset,
        label.TimeMs,
        label.HasClassName ? label.ClassName : null,
        label.HasClassIndex ? label.ClassIndex : null,
        TruthsOf(label))
    {
        Rebuilt = label.Rebuilt,
    };

    /// <remarks>A distribution is written as older versions read it, too; they take other truths for labels of unknown classes.</remarks>
    private static void Write(LabelTruths truths, StoredLabel stored)
    {
        stored.Names.AddRange(truths.Names);
        if (truths.Sum is { } sum)
        {
            stored.Shares.AddRange(truths.Values.Select(truth => truth / sum));
        }

        if (truths.Sum is not 1)
        {
            stored.Truths = new StoredTruths();
            stored.Truths.Values.AddRange(truths.Values);
            if (truths.Sum is { } other)
            {
                stored.Truths.Sum = other;
            }
        }
    }

    private static LabelTruths? TruthsOf(StoredLabel label) =>
        label.Truths is { } truths
            ? new LabelTruths([.. label.Names], [.. truths.Values], truths.HasSum ? truths.Sum : null)
        : label.Names.Count > 0 ? new LabelTruths([.. label.Names], [.. label.Shares], sum: 1)
        : null;

    private static ByteString Probabilities(double[] cells, StoredEntry wire)
    {
        var used = cells.Length;
        while (used > 0 && cells[used - 1] == 0)
        {
            used--;
        }

        var kept = Enumerable.Range(0, used);
        if (2 * cells.Count(p => p != 0) < used)
        {
            wire.Cells.AddRange(kept = kept.Where(cell => cells[cell] != 0).ToList());
        }

        var bytes = new byte[sizeof(float) * (wire.Cells.Count == 0 ? used : wire.Cells.Count)];
        var i = 0;
        foreach (var cell in kept)
        {
            BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(sizeof(float) * i++), (float)cells[cell]);
        }

        return ByteString.CopyFrom(bytes);
    }
}
