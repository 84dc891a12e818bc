using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tables;

/// <summary>Which columns of a table a source reads.</summary>
/// <remarks>
/// A row is read as the JSON object <c>{column: value, …}</c>, so a source's pointers begin with a column's name, and without a map the
/// columns are named as the fields are. Columns whose names are <c>COLUMN.MEMBER</c> are one object: <c>probs.cat</c> and
/// <c>probs.dog</c> are <c>{"probs":{"cat":…,"dog":…}}</c>.
/// </remarks>
internal sealed class SourceColumns
{
    private static readonly ImmutableArray<string> Texts = ["id", "model", "segment", "version"];
    private static readonly ImmutableArray<string> OfLabels = ["label_index", "labels"];

    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly HashSet<string> _texts = new(StringComparer.Ordinal);
    private readonly bool _all;

    public SourceColumns(SourceSettings source)
    {
        IEnumerable<(string Field, JsonPointer Pointer)> pointers =
        [
            .. source.Map.IsEmpty
                ? PredictionFields.Names.Concat(OfLabels).Select(name => (name, JsonPointer.OfMember(name)))
                : source.Map,
            .. source.Only.Where(only => only.Pointer is not null).Select(only => ("", only.Pointer!)),
        ];
        foreach (var (field, pointer) in source.Rows is { } rows ? pointers.Append(("", rows)) : pointers)
        {
            if (pointer.Tokens is [{ Length: > 0 } first, ..])
            {
                var column = Encoding.UTF8.GetString(first.AsSpan());
                _read.Add(column);
                if (pointer.Tokens.Length == 1 && Texts.Contains(field))
                {
                    _texts.Add(column);
                }
            }
            else
            {
                _all = true;
            }
        }
    }

    /// <summary>The columns that are read, those of one object side by side.</summary>
    /// <param name="file">The table.</param>
    /// <param name="names">The names of all columns.</param>
    /// <exception cref="TableException">None is read, or two have the same name.</exception>
    public ImmutableArray<TableColumn> Find(string file, IReadOnlyList<string> names)
    {
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(group => group.Skip(1).Any()) is { Key: var twice })
        {
            throw new TableException(file, $"several columns are named '{twice}': give each a name of its own");
        }

        var found = names.Select(Find).OfType<TableColumn>().ToLookup(column => column.Group ?? column.Name, StringComparer.Ordinal);
        return found.Count > 0 ? [.. found.SelectMany(group => group)] : throw new TableException(
            file,
            $"no column is a field (there are {string.Join(", ", names.Take(10).Select(name => $"'{name}'"))}): name the columns as the "
            + $"fields are ({string.Join(", ", _read.Order(StringComparer.Ordinal))}), or map them with --source");
    }

    private TableColumn? Find(string name, int index)
    {
        if (_all || _read.Contains(name))
        {
            return new TableColumn(index, null, name, _texts.Contains(name));
        }

        var dot = name.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && _read.Contains(name[..dot]) ? new TableColumn(index, name[..dot], name[(dot + 1)..], IsText: false) : null;
    }
}
