using System.Buffers;
using System.Text.Unicode;

namespace DriftMonitor.Worker.Formats;

/// <summary>Finds the model that a record names, and remembers the last one by its bytes: most records name the same again.</summary>
/// <remarks>Not safe for concurrent use.</remarks>
internal sealed class ModelLookup(WatchedModels models)
{
    private readonly char[] _name = new char[JsonNames.MaxLength];
    private readonly byte[] _lastUtf8 = new byte[3 * JsonNames.MaxLength]; // a UTF-16 unit takes at most three bytes
    private int _lastLength;
    private WatchedModel? _last;
    private int _nameLength;

    /// <summary>Looks for the model: the payload's, else the topic's, else that of the record key. Admits none.</summary>
    /// <param name="ofPayload">UTF-8 text, empty for none.</param>
    /// <param name="ofTopic">Null for none.</param>
    /// <param name="recordKey">UTF-8 text, empty for none.</param>
    /// <param name="model">Null for a new model, which <see cref="Admit"/> would admit now.</param>
    /// <returns>Why the record has no model, <see cref="RejectionReason.None"/> when it has one.</returns>
    public RejectionReason Find(ReadOnlySpan<byte> ofPayload, string? ofTopic, ReadOnlySpan<byte> recordKey, out WatchedModel? model)
    {
        model = null;
        if (ofPayload.IsEmpty && ofTopic is not null)
        {
            model = models.Find(ofTopic);
            return model is not null ? RejectionReason.None
                : !JsonNames.IsLabel(ofTopic) ? RejectionReason.InvalidName
                : Remember(ofTopic);
        }

        var utf8 = ofPayload.IsEmpty ? recordKey : ofPayload;
        if (utf8.IsEmpty)
        {
            return RejectionReason.MissingModel;
        }

        if (_last is { Retired: false } && utf8.SequenceEqual(_lastUtf8.AsSpan(0, _lastLength)))
        {
            model = _last;
            return RejectionReason.None;
        }

        if (Utf8.ToUtf16(utf8, _name, out _, out _nameLength, replaceInvalidSequences: false) != OperationStatus.Done
            || !JsonNames.IsLabel(_name.AsSpan(0, _nameLength)))
        {
            return RejectionReason.InvalidName;
        }

        model = models.Find(_name.AsSpan(0, _nameLength));
        if (model is null)
        {
            return models.RefusalOfNew;
        }

        _last = model;
        _lastLength = utf8.Length;
        utf8.CopyTo(_lastUtf8);
        return RejectionReason.None;
    }

    /// <summary>The model of that name, if it is admitted.</summary>
    public WatchedModel? Find(string name) => models.Find(name);

    /// <summary>The name of the model that was looked for last, if that is new.</summary>
    public ReadOnlySpan<char> NameOfNew => _name.AsSpan(0, _nameLength);

    /// <summary>Admits the model that was looked for last.</summary>
    public WatchedModel? Admit(out RejectionReason reason, long cellsOfClasses = 0) =>
        models.Admit(_name.AsSpan(0, _nameLength), out reason, cellsOfClasses);

    /// <summary>Whether there is memory for so much more.</summary>
    public bool HasRoom(long cells) => models.Memory.Has(cells);

    private RejectionReason Remember(string name)
    {
        name.CopyTo(_name);
        _nameLength = name.Length;
        return models.RefusalOfNew;
    }
}
