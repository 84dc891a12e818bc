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

    /// <summary>Whether each value is the probability of a class by itself, so that they need not add up to 1.</summary>
    public bool AreIndependent { get; set; }

    /// <summary>Whether only classes that hold are named, each with a value of 1: nothing tells which others there are.</summary>
    public bool HasOnlyNames { get; set; }

    /// <summary>How many classes the values are over: two for each that holds or not by itself.</summary>
    public int ClassCount => AreIndependent ? 2 * _count : _count;

    public Span<double> Values => _values.AsSpan(0, _count);

    public void Clear(bool named)
    {
        _names.Clear();
        _count = 0;
        (Named, AreIndependent, HasOnlyNames) = (named, false, false);
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

    /// <summary>As many values as there are columns, to be filled; after <see cref="Clear"/>.</summary>
    /// <param name="count">At most <see cref="ClassSpace.MaxClasses"/>.</param>
    public Span<double> Extend(int count)
    {
        if (_values.Length < count)
        {
            _values = new double[count];
        }

        _count = count;
        return Values;
    }

    /// <summary>Adds the value of a named class.</summary>
    public RejectionReason Add(ReadOnlySpan<char> name, double value) =>
        _count == ClassSpace.MaxClasses ? RejectionReason.TooManyClasses
        : !_names.TryAdd(name) ? RejectionReason.DuplicateField
        : TryAdd(value) ? RejectionReason.None
        : RejectionReason.TooManyClasses;

    /// <summary>Adds the value of a named class to what came of it before.</summary>
    /// <param name="logarithms">Whether the values are logarithms of what is added up.</param>
    public RejectionReason AddUp(ReadOnlySpan<char> name, double value, bool logarithms)
    {
        if (_names.IndexOf(name) is >= 0 and var index)
        {
            _values[index] = logarithms ? LogAdd(_values[index], value) : _values[index] + value;
            return RejectionReason.None;
        }

        return Add(name, value);
    }

    /// <summary>The name of a value's class.</summary>
    public ReadOnlySpan<char> NameOf(int index) => _names[index];

    /// <summary>Whether a value has that name.</summary>
    public bool Contains(ReadOnlySpan<char> name) => _names.IndexOf(name) >= 0;

    /// <summary>Keeps the first values only, which have no names.</summary>
    public void Truncate(int count) => _count = Math.Min(count, _count);

    /// <summary>Becomes the probabilities of two classes by that of one, which stands alone; they have the one's name or none.</summary>
    public void SetComplement(double probability)
    {
        var name = Named ? _names[0].ToString() : null;
        Clear(Named);
        if (name is null)
        {
            TryAdd(1 - probability);
            TryAdd(probability);
        }
        else
        {
            Add(ClassSpace.Not + name, 1 - probability);
            Add(name, probability);
        }
    }

    /// <summary>The same for two classes that are known, in their order.</summary>
    /// <returns>False when the one has a name that is neither class's.</returns>
    public bool TrySetComplement(double probability, ClassSpace space)
    {
        var cell = Named ? space.CellOf(_names[0]) : 1;
        Clear(named: false);
        TryAdd(cell == 0 ? probability : 1 - probability);
        TryAdd(cell == 0 ? 1 - probability : probability);
        return cell != space.OtherIndex;
    }

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
        if (AreIndependent)
        {
            AddPairsInto(cells, space);
            return;
        }

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

    /// <summary>
    /// Gives each pair "not x", "x" an equal part of the mass, divided as x is probable: 0 if it has no value. What is said of unknown
    /// classes is the probability that any of them holds, which has as large a part, half of it of a single class; the others make room.
    /// </summary>
    private void AddPairsInto(Span<double> cells, ClassSpace space)
    {
        var noneElse = 1.0;
        for (var i = 0; i < _count; i++)
        {
            var cell = Named ? space.CellOfIndependent(_names[i]) : (2 * i) + 1;
            if (cell == space.OtherIndex)
            {
                noneElse *= 1 - _values[i];
            }
            else
            {
                cells[cell] = Math.Max(cells[cell], _values[i]); // 1 and 1.0 are one name
            }
        }

        var other = (1 - noneElse) / Math.Max(2, space.Choices); // never all of it: the classes keep their shares
        var part = (1 - other) / space.Choices;
        for (var cell = 1; cell < space.OtherIndex; cell += 2)
        {
            (cells[cell - 1], cells[cell]) = ((1 - cells[cell]) * part, cells[cell] * part);
        }

        cells[space.OtherIndex] = other;
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
    public long CellsOfNames
    {
        get
        {
            var characters = Named ? _names.Characters : (long)_count * ClassSpace.MaxDigits;
            return MemoryBudget.CellsOf(
                ClassCount, AreIndependent ? (2 * characters) + ((long)_count * ClassSpace.Not.Length) : characters);
        }
    }

    /// <summary>The names of the values' classes, none when they have no names. Allocates.</summary>
    public IEnumerable<string> Names() => Enumerable.Range(0, Named ? _count : 0).Select(i => _names[i].ToString());

    /// <summary>
    /// Adds the names of the values' classes to a set that knows no more than a class space may have. Allocates new ones.
    /// </summary>
    public void AddNamesTo(HashSet<string> names)
    {
        var known = names.GetAlternateLookup<ReadOnlySpan<char>>();
        for (var i = 0; Named && i < _count && names.Count <= ClassSpace.MaxClasses; i++)
        {
            known.Add(_names[i]);
        }
    }

    /// <summary>A hash of the names that a space does not have, in any order; null for none.</summary>
    /// <param name="count">How many there are.</param>
    public long? HashOfUnknown(ClassSpace space, out int count)
    {
        long? hash = null;
        count = 0;
        for (var i = 0; Named && i < _count; i++)
        {
            if (CellOf(_names[i], space) == space.OtherIndex && !_names[i].SequenceEqual(ClassSpace.Other))
            {
                count++;
                hash = (hash ?? 0) + string.GetHashCode(_names[i]) + (1L << 32);
            }
        }

        return hash;
    }

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
        if (AreIndependent)
        {
            return Named ? InferredSpaces.OfIndependentNames(Names())
                : _count == 0 ? null
                : InferredSpaces.OfIndependentPositions(_count);
        }

        if (!Named)
        {
            return _count == 0 ? null : ClassSpace.Indexed(_count);
        }

        return InferredSpaces.OfNames(Names());
    }

    /// <summary>A class space with the named values' classes beside its own. Allocates.</summary>
    /// <returns>Null when there are too many.</returns>
    public ClassSpace? SpaceWith(ClassSpace space) => AreIndependent
        ? InferredSpaces.OfIndependentNames(space.Names.Where((_, cell) => cell % 2 == 1).Union(Names())) // also of a single class
        : InferredSpaces.OfNames(space.Names.Union(Names()));

    private int CellOf(ReadOnlySpan<char> name, ClassSpace space) =>
        AreIndependent ? space.CellOfIndependent(name) : space.CellOfLabel(name);

    /// <summary>ln(eˣ + eʸ).</summary>
    private static double LogAdd(double x, double y)
    {
        var (more, less) = x >= y ? (x, y) : (y, x);
        return double.IsFinite(more) && less <= more ? more + Math.Log(1 + Math.Exp(less - more)) : x + y;
    }
}
