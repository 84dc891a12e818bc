using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>What a record says of its predictions besides its payload, kept until the next record. Not thread-safe.</summary>
internal sealed class RecordFacts
{
    private readonly byte[] _model = new byte[JsonNames.MaxJsonBytes];
    private readonly char[] _id = new char[JsonNames.MaxLength];
    private int _modelLength;
    private int _idLength;

    /// <summary>The model's name as UTF-8 text, empty for none. A longer name than a model may have is cut and thus refused.</summary>
    public ReadOnlySpan<byte> Model
    {
        get => _model.AsSpan(0, _modelLength);
        set
        {
            _modelLength = Math.Min(value.Length, _model.Length);
            value[.._modelLength].CopyTo(_model);
        }
    }

    /// <summary>The record's id, empty for none.</summary>
    public ReadOnlySpan<char> Id
    {
        get => _id.AsSpan(0, _idLength);
        set
        {
            _idLength = value.Length <= _id.Length ? value.Length : 0;
            value[.._idLength].CopyTo(_id);
        }
    }

    /// <summary>When it happened, epoch milliseconds; null if the record does not say.</summary>
    public long? TimeMs { get; set; }

    /// <summary>Whether it says a time that cannot be read.</summary>
    public bool HasUnreadableTime { get; set; }

    public void Clear() => (_modelLength, _idLength, TimeMs, HasUnreadableTime) = (0, 0, null, false);
}
