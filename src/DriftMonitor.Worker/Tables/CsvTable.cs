using DriftMonitor.Worker.Formats;
using nietras.SeparatedValues;

namespace DriftMonitor.Worker.Tables;

/// <summary>Separated values, with the names of the columns in the first line.</summary>
/// <remarks>
/// A cell is what it would be in JSON: a number, <c>true</c> or <c>false</c> (<c>True</c> and <c>False</c>, too), an array or an object; an
/// empty one is missing, and any other is text. What names something (an id, a model, a segment) is always text.
/// </remarks>
internal static class CsvTable
{
    /// <param name="file">What the table is called.</param>
    /// <param name="text">UTF-8.</param>
    /// <param name="separator">Null for what the first line has most of: a comma, a semicolon, a tabulator or a bar.</param>
    /// <param name="source">Which columns are read.</param>
    /// <param name="onRow">Takes the rows.</param>
    /// <exception cref="TableException">It has no such columns, or a line has another number of them.</exception>
    public static void Read(string file, Stream text, char? separator, SourceColumns source, TableRow onRow)
    {
        using var reader = Open(file, text, separator);
        var names = reader.Header.ColNames;
        var columns = source.Find(file, names);
        using var json = new RowJson();
        var cell = new byte[1024];
        while (Next(file, reader))
        {
            var row = reader.Current;
            if (row.Span.IsEmpty)
            {
                continue; // an empty line
            }

            if (row.ColCount != names.Count)
            {
                throw new TableException(file, string.Create(
                    CultureInfo.InvariantCulture,
                    $"line {row.LineNumberFrom} has {row.ColCount} columns, the first line names {names.Count}: put cells that hold "
                    + $"the separator into double quotes"));
            }

            json.Begin();
            foreach (var column in columns)
            {
                var value = row[column.Index].Span;
                if (value.IsEmpty)
                {
                    json.Missing(column);
                    continue;
                }

                if (cell.Length < 3 * value.Length)
                {
                    cell = new byte[3 * value.Length];
                }

                Write(json.Value(column), value, cell.AsSpan(0, Encoding.UTF8.GetBytes(value, cell)), column.IsText);
            }

            onRow(json.End(), row.LineNumberFrom);
        }
    }

    private static SepReader Open(string file, Stream text, char? separator)
    {
        try
        {
            var reader = Sep.Reader(options => options with
            {
                Sep = separator is { } given ? new Sep(given) : null,
                Unescape = true,
                Trim = SepTrim.Outer,
                DisableColCountCheck = true,
            }).From(text);
            return reader.HasHeader && !reader.IsEmpty ? reader : throw new InvalidDataException("it is empty");
        }
        catch (Exception problem) when (problem is InvalidDataException or ArgumentException)
        {
            throw new TableException(file, "has no line of column names: begin it with one, of names that differ", problem);
        }
    }

    private static bool Next(string file, SepReader reader)
    {
        try
        {
            return reader.MoveNext();
        }
        catch (NotSupportedException problem) // a row of 16 million characters
        {
            throw new TableException(file, "a line never ends: close the double quote that a cell begins with", problem);
        }
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<char> text, ReadOnlySpan<byte> utf8, bool isText)
    {
        switch (isText ? default : utf8[0])
        {
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9')
                when JsonNumbers.TryParseText(utf8, out var number) && double.IsFinite(number):
            case (byte)'[' or (byte)'{' when IsJson(utf8):
                json.WriteRawValue(utf8, skipInputValidation: true);
                break;
            case (byte)'t' or (byte)'T' when text is "true" or "True":
                json.WriteBooleanValue(true);
                break;
            case (byte)'f' or (byte)'F' when text is "false" or "False":
                json.WriteBooleanValue(false);
                break;
            default:
                json.WriteStringValue(text);
                break;
        }
    }

    private static bool IsJson(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
                // To the end: whether it is JSON is known only there.
            }

            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
