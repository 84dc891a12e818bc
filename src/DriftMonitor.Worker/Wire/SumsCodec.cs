using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;
using Google.Protobuf.Collections;

namespace DriftMonitor.Worker.Wire;

/// <summary>Sums as the fields that registers and rolled-up panes share, and back.</summary>
/// <remarks>A large class space's kept cells go as the gaps between them: one byte each as a rule, two or three where rare.</remarks>
internal static class SumsCodec
{
    /// <summary>Writes the sums of each cell, or of each kept cell.</summary>
    /// <returns>How many cells there are when only some are kept, else 0.</returns>
    public static int Write(PaneSums sums, RepeatedField<ulong> mass, RepeatedField<ulong> squares, RepeatedField<uint> keptCellGaps)
    {
        mass.AddRange(sums.Mass);
        squares.AddRange(sums.Squares);
        var next = 0;
        foreach (var cell in sums.KeptCells)
        {
            keptCellGaps.Add((uint)(cell - next));
            next = cell + 1;
        }

        return sums.IsSparse ? sums.Cells : 0;
    }

    /// <summary>How many cells there are.</summary>
    public static int CellsOf(int cells, RepeatedField<ulong> mass) => cells == 0 ? mass.Count : cells;

    /// <exception cref="ArgumentException">The parts do not fit each other.</exception>
    public static PaneSums Read(
        long events, int cells, RepeatedField<uint> keptCellGaps, RepeatedField<ulong> mass, RepeatedField<ulong> squares,
        PolicyMoments? policy)
    {
        if (cells == 0)
        {
            return new PaneSums(events, [.. mass], [.. squares], PolicyMomentsCodec.Decode(policy));
        }

        var kept = new int[keptCellGaps.Count];
        var next = 0L;
        for (var i = 0; i < kept.Length; i++)
        {
            next += keptCellGaps[i];
            kept[i] = (int)Math.Min(next++, int.MaxValue); // what is beyond the cells is refused with them
        }

        return mass.Count == kept.Length
            ? new PaneSums(events, cells, kept, [.. mass], [.. squares], PolicyMomentsCodec.Decode(policy))
            : throw new ArgumentException($"{mass.Count} masses of {kept.Length} cells");
    }
}
