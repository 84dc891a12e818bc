namespace DriftMonitor.Worker.Formats;

/// <summary>The numbers of one payload's output, in class order or with the names of their classes.</summary>
/// <remarks>Its buffers are reused for the next payload and never exceed a class space's maximum. Not safe for concurrent use.</remarks>
internal sealed class OutputValues
{
    private readonly ClassNames _names = new();
    private double[] _values = new double[64];
    private int _count;

    /// <summary>Whether each value has the name of its class, instead of its position.</summary>
    public bool Named { get; private set; }

    public int Count => _count;

    public Span<double> Values => _values.AsSpan(0, _count);

    public void Clear(bool named)
    {
        _names.Clear();
        _count = 0;
        Named = named;
    }

    /// <summary>Adds the value of the next class.</summary>
    /// <returns>False when there are as many as a class space may have; nothing has grown then.</returns>
    public bool TryAdd(double value)
    {
        if (_count == _values.Length)
        {
            if (_count == ClassSpace.MaxClasses)
            {
                return false;
            }

            Array.Resize(ref _values, Math.Min(2 * _count, ClassSpace.MaxClasses));
        }

        _values[_count++] = value;
        return true;
    }

    /// <summary>Adds the value of a named class.</summary>
    public RejectionReason Add(ReadOnlySpan<char> name, double value) =>
        _count == ClassSpace.MaxClasses ? RejectionReason.TooManyClasses
        : !_names.TryAdd(name) ? RejectionReason.DuplicateField
        : TryAdd(value) ? RejectionReason.None
        : RejectionReason.TooManyClasses;

    /// <summary>Becomes each of two answers' probability of being preferred, by their rewards (<see cref="Simplex.Logistic"/>).</summary>
    public RejectionReason SetPreference(double chosen, double rejected)
    {
        if (!double.IsFinite(chosen) || !double.IsFinite(rejected))
        {
            return RejectionReason.NotFinite;
        }

        Clear(named: true);
        Add("chosen", Simplex.Logistic(chosen - rejected));
        return Add("rejected", Simplex.Logistic(rejected - chosen));
    }

    /// <summary>Adds each value into the cell of its class, those of unknown classes into <see cref="ClassSpace.Other"/>.</summary>
    public void AddInto(Span<double> cells, ClassSpace space)
    {
        if (!Named)
        {
            Values.CopyTo(cells);
            return;
        }

        for (var i = 0; i < _count; i++)
        {
            cells[space.CellOfLabel(_names[i])] += _values[i];
        }
    }

    /// <summary>The same for a record with few of many cells; the values must have names.</summary>
    public void AddInto(PredictionRecord record)
    {
        for (var i = 0; i < _count; i++)
        {
            record.AddTo(record.Classes.Space.CellOfLabel(_names[i]), _values[i]);
        }
    }

    /// <summary>Adds the cells of the named values to a list.</summary>
    public void AddCellsTo(List<int> cells, ClassSpace space)
    {
        for (var i = 0; i < _count; i++)
        {
            cells.Add(space.CellOfLabel(_names[i]));
        }
    }

    /// <summary>What the class space that the values suggest would take of a <see cref="MemoryBudget"/>.</summary>
    public long CellsOfNames => MemoryBudget.CellsOf(_count, Named ? _names.Characters : (long)_count * ClassSpace.MaxDigits);

    /// <summary>The names of the values' classes, none when they have no names. Allocates.</summary>
    public IEnumerable<string> Names() => Enumerable.Range(0, Named ? _count : 0).Select(i => _names[i].ToString());

    /// <summary>The named values in the ordinal order of their names. Allocates.</summary>
    public ImmutableArray<KeyValuePair<string, double>> ByName()
    {
        var (names, values) = (Names().ToArray(), Values.ToArray());
        Array.Sort(names, values, StringComparer.Ordinal);
        return [.. names.Zip(values, KeyValuePair.Create)];
    }

    /// <summary>The class space that the values themselves suggest: positions, or the names in ordinal order. Allocates.</summary>
    /// <returns>Null when no class is left; <see cref="ClassSpace.Other"/> is none.</returns>
    public ClassSpace? InferSpace()
    {
        if (!Named)
        {
            return _count == 0 ? null : ClassSpace.Indexed(_count);
        }

        var names = Names().Where(name => name != ClassSpace.Other).Order(StringComparer.Ordinal).ToList();
        return ClassSpace.TryCreate(names, out var space, out _) ? space : null;
    }
}
