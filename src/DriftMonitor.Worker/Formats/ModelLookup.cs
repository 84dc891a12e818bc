using System.Buffers;
using System.Text.Unicode;

namespace DriftMonitor.Worker.Formats;

/// <summary>Finds the model that a record names, and remembers the last one by its bytes: most records name the same again.</summary>
/// <remarks>
/// What patterns make of names is remembered too, of so many names that strangers cannot make it grow. Not safe for concurrent use.
/// </remarks>
internal sealed class ModelLookup
{
    private const int MaxMapped = 1_024;

    private readonly WatchedModels _models;
    private readonly ModelNames _names;
    private readonly Dictionary<string, MappedName> _mapped = new(StringComparer.Ordinal);
    private readonly Dictionary<string, MappedName>.AlternateLookup<ReadOnlySpan<char>> _mappedBySpan;
    private readonly char[] _name = new char[JsonNames.MaxLength];
    private readonly byte[] _lastUtf8 = new byte[3 * JsonNames.MaxLength]; // a UTF-16 unit takes at most three bytes
    private int _lastLength;
    private WatchedModel? _last;
    private MappedName? _lastMapped;
    private int _nameLength;

    public ModelLookup(WatchedModels models, ModelNames names)
    {
        (_models, _names) = (models, names);
        _mappedBySpan = _mapped.GetAlternateLookup<ReadOnlySpan<char>>();
    }

    /// <summary>What a pattern made of the name that was looked for last; null where there is no pattern.</summary>
    public MappedName? Mapped { get; private set; }

    /// <summary>Looks for the model: the payload's, else the topic's, else that of the record key. Admits none.</summary>
    /// <param name="ofPayload">UTF-8 text, empty for none.</param>
    /// <param name="ofTopic">Null for none.</param>
    /// <param name="recordKey">UTF-8 text, empty for none.</param>
    /// <param name="model">Null for a new model, which <see cref="Admit"/> would admit now.</param>
    /// <returns>Why the record has no model, <see cref="RejectionReason.None"/> when it has one.</returns>
    public RejectionReason Find(ReadOnlySpan<byte> ofPayload, string? ofTopic, ReadOnlySpan<byte> recordKey, out WatchedModel? model)
    {
        (model, Mapped) = (null, null);
        if (ofPayload.IsEmpty && ofTopic is not null)
        {
            Find(ofTopic, out model);
            return model is not null ? RejectionReason.None
                : !JsonNames.IsLabel(ofTopic) ? RejectionReason.InvalidName
                : _models.RefusalOfNew;
        }

        var utf8 = ofPayload.IsEmpty ? recordKey : ofPayload;
        if (utf8.IsEmpty)
        {
            return RejectionReason.MissingModel;
        }

        if (_last is { Retired: false } && utf8.SequenceEqual(_lastUtf8.AsSpan(0, _lastLength)))
        {
            (model, Mapped) = (_last, _lastMapped);
            return RejectionReason.None;
        }

        if (Utf8.ToUtf16(utf8, _name, out _, out _nameLength, replaceInvalidSequences: false) != OperationStatus.Done
            || !JsonNames.IsLabel(_name.AsSpan(0, _nameLength)))
        {
            return RejectionReason.InvalidName;
        }

        Find(_name.AsSpan(0, _nameLength), out model);
        if (model is null)
        {
            return _models.RefusalOfNew;
        }

        (_last, _lastMapped) = (model, Mapped);
        _lastLength = utf8.Length;
        utf8.CopyTo(_lastUtf8);
        return RejectionReason.None;
    }

    /// <summary>The model that a name stands for, if it is admitted.</summary>
    public WatchedModel? Find(string name) => _models.Find(ModelOf(name));

    /// <summary>The name of the model that a name stands for.</summary>
    public string ModelOf(string name) => _names.IsEmpty ? name : Map(name).Model;

    /// <summary>The name of the model that was looked for last, if that is new.</summary>
    public ReadOnlySpan<char> NameOfNew => _name.AsSpan(0, _nameLength);

    /// <summary>Admits the model that was looked for last.</summary>
    public WatchedModel? Admit(out RejectionReason reason, long cellsOfClasses = 0) =>
        _models.Admit(NameOfNew, out reason, cellsOfClasses);

    /// <summary>Whether there is memory for so much more.</summary>
    public bool HasRoom(long cells) => _models.Memory.Has(cells);

    private void Find(ReadOnlySpan<char> name, out WatchedModel? model)
    {
        if (!_names.IsEmpty)
        {
            Mapped = Map(name);
            name = Mapped.Model;
        }

        model = _models.Find(name);
        if (model is null && name.Length <= _name.Length)
        {
            name.CopyTo(_name);
            _nameLength = name.Length;
        }
    }

    private MappedName Map(ReadOnlySpan<char> name)
    {
        if (_mappedBySpan.TryGetValue(name, out var known))
        {
            return known;
        }

        if (_mapped.Count == MaxMapped)
        {
            _mapped.Clear(); // those of the present are soon there again
        }

        var text = name.ToString();
        return _mapped[text] = _names.Map(text);
    }
}
