using Parquet.Data;
using Parquet.Schema;

namespace DriftMonitor.Worker.Tables;

/// <summary>A column of the file: values that have no parts.</summary>
internal abstract class ParquetLeaf(DataField column, RawColumnData levels) : ParquetNode, IDisposable
{
    private int _entry;

    public override ParquetLeaf First => this;

    public int Definition => column.MaxDefinitionLevel == 0 ? 0 : levels.DefinitionLevels[_entry];

    /// <summary>0 after the last entry.</summary>
    public int Repetition =>
        column.MaxRepetitionLevel == 0 || _entry == levels.RepetitionLevels.Length ? 0 : levels.RepetitionLevels[_entry];

    public override bool IsMissing => Definition < column.MaxDefinitionLevel;

    public override void Skip() => _entry++;

    public void Dispose() => levels.Dispose();
}
