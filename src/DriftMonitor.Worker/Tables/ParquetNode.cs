namespace DriftMonitor.Worker.Tables;

/// <summary>A column of a row group, or a part of one: its values one after the other.</summary>
/// <remarks>
/// Parquet keeps the leaves of nested values, each with how many of its optional and repeated ancestors are there (the definition level)
/// and at which of the repeated ones it goes on (the repetition level). Source: S. Melnik et al., <i>Dremel: Interactive Analysis of
/// Web-Scale Datasets</i>, 2010, section 4.1.
/// </remarks>
internal abstract class ParquetNode
{
    /// <summary>The first leaf, whose levels tell of all others up to their common ancestor.</summary>
    public abstract ParquetLeaf First { get; }

    /// <summary>Whether the next value is missing.</summary>
    public abstract bool IsMissing { get; }

    /// <summary>Writes the next value, which is not missing, and goes on to the one after it.</summary>
    public abstract void Write(Utf8JsonWriter json);

    /// <summary>Passes over a value of which nothing is there: one entry of each leaf.</summary>
    public abstract void Skip();

    /// <summary>Writes the next value, null where it is missing.</summary>
    public void WriteOrNull(Utf8JsonWriter json)
    {
        if (IsMissing)
        {
            Skip();
            json.WriteNullValue();
        }
        else
        {
            Write(json);
        }
    }
}
