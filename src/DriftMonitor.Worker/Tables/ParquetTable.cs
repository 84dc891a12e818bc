using Parquet;
using Parquet.Data;
using Parquet.Schema;

namespace DriftMonitor.Worker.Tables;

/// <summary>A Parquet file. One row group is held in memory, of it the columns that are read.</summary>
/// <remarks>
/// What is missing is null, as NaN is: pandas writes it for missing numbers, and JSON has none. An infinity is text, as JSON writers spell
/// it. A time is text in ISO 8601, so that it means the same whatever unit the source's times have; one without a time zone has none there.
/// </remarks>
internal static class ParquetTable
{
    /// <param name="file">What the table is called.</param>
    /// <param name="stream">It can seek.</param>
    /// <param name="source">Which columns are read.</param>
    /// <param name="onRow">Takes the rows.</param>
    /// <exception cref="TableException">It is no Parquet, has no such columns, or one of a type that is not read.</exception>
    public static void Read(string file, Stream stream, SourceColumns source, TableRow onRow)
    {
        var reader = Ask(file, () => ParquetReader.CreateAsync(stream, leaveStreamOpen: true).GetAwaiter().GetResult());
        var fields = Ask(file, () => reader.Schema.Fields);
        var columns = source.Find(file, [.. fields.Select(field => field.Name)]);
        using var json = new RowJson();
        var number = 0L;
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = Ask(file, () => reader.OpenRowGroupReader(group));
            var leaves = new List<ParquetLeaf>();
            try
            {
                (TableColumn Column, ParquetNode Values)[] all =
                    [.. columns.Select(column => (column, Node(file, fields[column.Index], rows, leaves)))];
                for (var row = 0L; row < rows.RowCount; row++)
                {
                    json.Begin();
                    foreach (var (column, values) in all)
                    {
                        if (values.IsMissing)
                        {
                            values.Skip();
                            json.Missing(column);
                        }
                        else
                        {
                            values.Write(json.Value(column));
                        }
                    }

                    onRow(json.End(), ++number);
                }
            }
            finally
            {
                leaves.ForEach(leaf => leaf.Dispose());
            }
        }
    }

    /// <param name="leaves">Takes the columns of the file that are read for it.</param>
    private static ParquetNode Node(string file, Field field, ParquetRowGroupReader rows, List<ParquetLeaf> leaves) => field switch
    {
        StructField parts => new ParquetStruct(
            [.. parts.Fields.Select(part => (JsonEncodedText.Encode(part.Name), Node(file, part, rows, leaves)))],
            parts.MaxDefinitionLevel),
        ListField list => new ParquetList(
            null, Node(file, list.Item, rows, leaves), list.MaxRepetitionLevel, list.MaxDefinitionLevel),
        MapField { Key: DataField { ClrType: var type } key } map when type == typeof(ReadOnlyMemory<char>) => new ParquetList(
            Keep(leaves, Leaf<ReadOnlyMemory<char>>(file, key, rows, (json, name) => json.WritePropertyName(name.Span))),
            Node(file, map.Value, rows, leaves), map.Key.MaxRepetitionLevel, map.Key.MaxDefinitionLevel),
        DataField { IsArray: true, MaxDefinitionLevel: var definition, MaxRepetitionLevel: var repetition } array =>
            new ParquetList(null, Keep(leaves, Leaf(file, array, rows)), repetition, definition),
        DataField leaf => Keep(leaves, Leaf(file, leaf, rows)),
        _ => throw Unreadable(file, field),
    };

    private static ParquetLeaf Leaf(string file, DataField field, ParquetRowGroupReader rows)
    {
        var zone = field is DateTimeDataField { IsAdjustedToUTC: true } ? DateTimeKind.Utc : DateTimeKind.Unspecified;
        return Type.GetTypeCode(field.ClrType) switch
        {
            TypeCode.Boolean => Leaf<bool>(file, field, rows, (json, value) => json.WriteBooleanValue(value)),
            TypeCode.SByte => Leaf<sbyte>(file, field, rows, (json, value) => json.WriteNumberValue(value)),
            TypeCode.Byte => Leaf<byte>(file, field, rows, (json, value) => json.WriteNumberValue(value)),
            TypeCode.Int16 => Leaf<short>(file, field, rows, (json, value) => json.WriteNumberValue(value)),
            TypeCode.UInt16 => Leaf<ushort>(file, field, rows, (json, value) => json.WriteNumberValue(value)),
            TypeCode.Int32 => Leaf<int>(file, field, rows, (json, value) => json.WriteNumberValue(value)),
            TypeCode.UInt32 => Leaf<uint>(file, field, rows, (json, value) => json.WriteNumberValue(value)),
            TypeCode.Int64 => Leaf<long>(file, field, rows, (json, value) => json.WriteNumberValue(value)),
            TypeCode.UInt64 => Leaf<ulong>(file, field, rows, (json, value) => json.WriteNumberValue(value)),
            TypeCode.Single => Leaf<float>(file, field, rows, (json, value) => WriteNumber(json, value), float.IsNaN),
            TypeCode.Double => Leaf<double>(file, field, rows, WriteNumber, double.IsNaN),
            TypeCode.Decimal => Leaf<decimal>(file, field, rows, (json, value) => json.WriteNumberValue(value)),
            TypeCode.DateTime => Leaf<DateTime>(
                file, field, rows, (json, value) => json.WriteStringValue(DateTime.SpecifyKind(value, zone))),
            _ when field.ClrType == typeof(ReadOnlyMemory<char>) =>
                Leaf<ReadOnlyMemory<char>>(file, field, rows, (json, value) => json.WriteStringValue(value.Span)),
            _ => throw Unreadable(file, field),
        };
    }

    private static ParquetValues<T> Leaf<T>(
        string file, DataField field, ParquetRowGroupReader rows, Action<Utf8JsonWriter, T> write, Func<T, bool>? isMissing = null)
        where T : struct =>
        new ParquetValues<T>(
            field, (RawColumnData<T>)Ask(file, () => rows.ReadRawColumnDataBaseAsync(field).AsTask().GetAwaiter().GetResult()), write,
            isMissing);

    private static ParquetLeaf Keep(List<ParquetLeaf> leaves, ParquetLeaf leaf)
    {
        leaves.Add(leaf);
        return leaf;
    }

    private static void WriteNumber(Utf8JsonWriter json, double value)
    {
        if (double.IsFinite(value))
        {
            json.WriteNumberValue(value);
        }
        else
        {
            json.WriteStringValue(value > 0 ? "Infinity"u8 : "-Infinity"u8);
        }
    }

    private static TableException Unreadable(string file, Field field) => new(
        file,
        $"column '{field.Path}' is of a type that is not read: write it as numbers, text, times, or lists or structs of them, or leave it "
        + $"out of the source's map");

    /// <summary>Whatever the library throws says that the file is not as it expects one to be.</summary>
    private static T Ask<T>(string file, Func<T> question)
    {
        try
        {
            return question();
        }
        catch (Exception problem) when (problem is not TableException)
        {
            throw new TableException(file, "cannot be read as Parquet: write it again, as pandas' to_parquet does", problem);
        }
    }
}
