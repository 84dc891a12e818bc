using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Sources;

/// <summary>Turns the records of a source into predictions: none, one or several a record.</summary>
/// <remarks>
/// <see cref="Begin"/> runs inside the consumer over memory that is not ours, and reads all that is needed of it; the predictions are then
/// taken one by one from <see cref="TryNext"/>. A record counts with all of its rows or, rejected, with none: rows are checked before the
/// first is given. An ignored or rejected record gives one record that says so. Never throws. Not thread-safe.
/// </remarks>
internal sealed class PredictionReader
{
    private readonly SourceSettings _source;
    private readonly PredictionDecoder _decoder;
    private readonly RecordOpener _opener;
    private readonly IRowReader? _rows;
    private readonly Action<Exception>? _onFault;
    private readonly char[] _id = new char[JsonNames.MaxLength];
    private readonly Dictionary<string, int> _valuesOfNew = new(StringComparer.Ordinal);
    private readonly Dictionary<PredictionField, string> _places;
    private byte[] _key = [];
    private int _keyLength;
    private bool _isDecoded;
    private int _count;
    private int _next;

    /// <param name="registries">Those of the consumer's other sources, null for its own.</param>
    /// <param name="onFault">Called with what a decoder throws, which none should; the record is then malformed.</param>
    public PredictionReader(
        SourceSettings source, PredictionDecoder decoder, int maxBytes, Action<Exception>? onFault = null,
        SchemaRegistries? registries = null)
    {
        (_source, _decoder, _onFault) = (source, decoder, onFault);
        _opener = new RecordOpener(source, maxBytes, registries);
        _rows = RowReaders.Create(source);
        _places = Places(source);
        Record = new PredictionRecord { KeepsDuplicates = !source.Deduplicate };
    }

    /// <summary>The prediction that <see cref="TryNext"/> has given last; it is used again for the next.</summary>
    public PredictionRecord Record { get; }

    /// <summary>The fields of <see cref="Record"/> besides its output that could not be read; it counts without them.</summary>
    public PredictionField FallenBack { get; private set; }

    /// <summary>The frame that the last record seems to have and its source does not declare, null for none.</summary>
    public SourceFrame? Undeclared { get; private set; }

    /// <summary>
    /// The model of the last prediction; of a record that is ignored or rejected its model where that is known, else null.
    /// </summary>
    public WatchedModel? Model { get; private set; }

    /// <summary>The field for which the last record is rejected, null where none can be named.</summary>
    public string? Where { get; private set; }

    /// <summary>Takes in a record.</summary>
    /// <param name="headers">Null if there are none.</param>
    /// <param name="key">The record's key where it may name the model, empty for none.</param>
    public void Begin(ReadOnlySpan<byte> value, bool isNull, Headers? headers, ReadOnlySpan<byte> key)
    {
        (_isDecoded, _count, _next, Record.Row, FallenBack, Undeclared) = (true, 0, 0, 0, PredictionField.Unknown, null);
        (Model, Where) = (null, null);
        try
        {
            var reading = _opener.Open(value, isNull, headers, out var payload, out var reason);
            if (reading == Reading.Rows)
            {
                reading = Read(payload, headers, key, out reason);
            }

            if (reading != Reading.Rows)
            {
                Model ??= _decoder.Known(_opener.Facts.Model, _source.Model, key);
            }

            if (reading == Reading.Ignored)
            {
                Record.Ignore();
            }
            else if (reading == Reading.Rejected)
            {
                Undeclared = UndeclaredFrame.Find(payload, reason);
                reason = Undeclared is null ? reason : RejectionReason.UndeclaredFrame;
                Where = Undeclared is null ? Where ?? PlaceOf(reason) : null;
                Record.Reject(reason);
            }
        }
        catch (Exception problem) when (problem is not SchemaRegistryUnavailable) // which the record waits for
        {
            Fail(problem);
        }
    }

    /// <summary>Makes the record that is being read a malformed one.</summary>
    public void Fail(Exception problem)
    {
        _onFault?.Invoke(problem);
        (_isDecoded, _count, _next, Record.Row) = (true, 0, 0, 0);
        Record.Reject(RejectionReason.Malformed);
    }

    /// <summary>Reads the record's next prediction into <see cref="Record"/>.</summary>
    /// <returns>False if there is no more.</returns>
    public bool TryNext()
    {
        if (_isDecoded)
        {
            _isDecoded = false;
            Model = Record is { Rejection: RejectionReason.None, IsIgnored: false } ? Record.Model : Model;
            return true;
        }

        if (_next >= _count)
        {
            return false;
        }

        try
        {
            Record.Row = _next;
            var reason = ReadRow(checkOnly: false, out _);
            if (reason != RejectionReason.None)
            {
                Record.Reject(reason); // for want of memory, or of a place for its model: all else was checked
            }
            else
            {
                Model = Record.Model;
            }
        }
        catch (Exception problem)
        {
            _onFault?.Invoke(problem);
            _next = _count; // the reader may not have gone on
            Record.Reject(RejectionReason.Malformed);
        }

        return true;
    }

    /// <summary>Reads the outputs of a record that no class space is known for yet: all that can be read, whatever it is worth.</summary>
    public void Survey(in RecordedPrediction record, SurveyReader onRow)
    {
        if (_opener.Open(record.Value, record.IsNull, record.Headers, out var payload, out _) != Reading.Rows)
        {
            return;
        }

        var parsed = new ParsedPrediction();
        if (_rows is null)
        {
            if (_decoder.Parse(payload, _source.Format, ref parsed) == RejectionReason.None)
            {
                Complete(ref parsed, row: -1);
                parsed.Model = parsed.Model.IsEmpty && _source.Model is null ? record.Key : parsed.Model;
                onRow(parsed.Model, parsed.Id, parsed.Form, _decoder.Buffers.Output);
            }
        }
        else if (_rows.Begin(payload, record.Headers, out _) == Reading.Rows)
        {
            for (
                var row = _source.Rows is null && _rows.Count == 1
                    ? -1
                    : 0; _rows.TryNext(_decoder.Buffers, ref parsed, out var reason); row++)
            {
                if (reason == RejectionReason.None)
                {
                    Complete(ref parsed, row);
                    parsed.Model = parsed.Model.IsEmpty && _source.Model is null ? record.Key : parsed.Model;
                    onRow(parsed.Model, parsed.Id, parsed.Form, _decoder.Buffers.Output);
                }

                parsed = new ParsedPrediction();
            }
        }
    }

    /// <summary>Takes what one prediction says.</summary>
    /// <param name="model">UTF-8, empty for none.</param>
    /// <param name="id">Empty for none.</param>
    public delegate void SurveyReader(
        ReadOnlySpan<byte> model, ReadOnlySpan<char> id, PredictionField form, OutputValues output);

    private Reading Read(ReadOnlySpan<byte> payload, Headers? headers, ReadOnlySpan<byte> key, out RejectionReason reason)
    {
        if (_rows is null)
        {
            reason = Decode(payload, key);
            return reason == RejectionReason.None ? Reading.Rows : Reading.Rejected;
        }

        var reading = _rows.Begin(payload, headers, out reason);
        if (reading != Reading.Rows)
        {
            return reading;
        }

        TakeKey(key);
        _count = _rows.Count;
        if (_count == 1)
        {
            reason = ReadRow(checkOnly: false, out _);
            (_count, _next) = (0, 0);
            return reason == RejectionReason.None ? Reading.Rows : Reading.Rejected;
        }

        reason = CheckRows();
        _isDecoded = reason != RejectionReason.None;
        (_count, _next) = (_isDecoded ? 0 : _count, 0);
        return _isDecoded ? Reading.Rejected : Reading.Rows;
    }

    private RejectionReason Decode(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> key)
    {
        var parsed = new ParsedPrediction();
        var problem = _decoder.Parse(payload, _source.Format, ref parsed);
        if (problem == RejectionReason.None)
        {
            Complete(ref parsed, row: -1);
            problem = _decoder.Complete(ref parsed, _source.Model, key, Record);
            FallenBack = problem == RejectionReason.None ? _decoder.FallenBack : PredictionField.Unknown;
        }

        return Refusal(problem, ref parsed, key);
    }

    /// <summary>
    /// Checks all rows. Where the model or its classes are new, they are fixed by the first row that all others must then fit.
    /// </summary>
    private RejectionReason CheckRows()
    {
        var anyIsNew = false;
        _valuesOfNew.Clear();
        for (var checkOnly = true; ; checkOnly = false)
        {
            for (_next = 0; _next < _count;)
            {
                var reason = ReadRow(checkOnly, out var isNew);
                anyIsNew |= isNew;
                if (reason != RejectionReason.None)
                {
                    return reason;
                }
            }

            _next = 0;
            _rows!.Restart();
            if (!anyIsNew || !checkOnly)
            {
                return RejectionReason.None;
            }
        }
    }

    private RejectionReason ReadRow(bool checkOnly, out bool isNew)
    {
        isNew = false;
        var parsed = new ParsedPrediction();
        var row = _next++;
        if (!_rows!.TryNext(_decoder.Buffers, ref parsed, out var reason))
        {
            return RejectionReason.MissingOutput;
        }

        var key = _key.AsSpan(0, _keyLength);
        if (reason != RejectionReason.None)
        {
            return Refusal(reason, ref parsed, key);
        }

        Complete(ref parsed, _source.Rows is null && _count == 1 ? -1 : row);
        if (checkOnly)
        {
            reason = _decoder.Check(ref parsed, _source.Model, key, out isNew);
            reason = reason == RejectionReason.None && isNew && !AgreesWithOtherRows(parsed.Model) ? RejectionReason.WrongArity : reason;
            return Refusal(reason, ref parsed, key);
        }

        reason = _decoder.Complete(ref parsed, _source.Model, key, Record);
        FallenBack = reason == RejectionReason.None ? _decoder.FallenBack : PredictionField.Unknown;
        return Refusal(reason, ref parsed, key);
    }

    /// <summary>Notes whose prediction is refused, and for which field.</summary>
    private RejectionReason Refusal(RejectionReason reason, ref ParsedPrediction parsed, ReadOnlySpan<byte> key)
    {
        if (reason != RejectionReason.None)
        {
            Model = _decoder.Known(parsed.Model.IsEmpty ? _opener.Facts.Model : parsed.Model, _source.Model, key);
            Where = reason == RejectionReason.Malformed ? null
                : _places.GetValueOrDefault(parsed.Refused) ?? PlaceOf(reason) ?? _places.GetValueOrDefault(parsed.Form);
        }

        return reason;
    }

    /// <summary>Whether the row of a model whose classes are not known has as many values as the rows before it.</summary>
    private bool AgreesWithOtherRows(ReadOnlySpan<byte> model)
    {
        var output = _decoder.Buffers.Output;
        var values = output.Named ? 0 : output.Count;
        var name = Encoding.UTF8.GetString(model);
        return _valuesOfNew.TryAdd(name, values) || _valuesOfNew[name] == values;
    }

    /// <summary>Where stands what a record is rejected for, as far as the reason tells.</summary>
    public string? PlaceOf(RejectionReason reason) => reason switch
    {
        RejectionReason.MissingModel or RejectionReason.UnknownModel or RejectionReason.ModelLimit or RejectionReason.InvalidName =>
            _places.GetValueOrDefault(PredictionField.Model),
        RejectionReason.InvalidTimestamp or RejectionReason.Late or RejectionReason.Future =>
            _places.GetValueOrDefault(PredictionField.Timestamp),
        RejectionReason.MissingOutput => _places.GetValueOrDefault(PredictionField.Outputs),
        _ => null,
    };

    /// <summary>Where the fields stand: where the source's map says, else under their names.</summary>
    private static Dictionary<PredictionField, string> Places(SourceSettings source)
    {
        var places = new Dictionary<PredictionField, string>();
        if (source.Format.Payload == PayloadFormat.Json)
        {
            foreach (var field in source.Map.IsEmpty ? [.. PredictionFields.Names.Select(name => (name, $"/{name}"))]
                : source.Map.Select(field => (field.Field, field.Pointer.Text)))
            {
                var known = PredictionFields.Of(Encoding.UTF8.GetBytes(field.Item1));
                places[known] = field.Item2;
                if (!source.Map.IsEmpty && (known & PredictionField.Outputs) != 0)
                {
                    places[PredictionField.Outputs] = field.Item2;
                }
            }
        }

        return places;
    }

    /// <summary>Takes from the record and the source what a prediction does not say itself.</summary>
    /// <param name="row">Which row of its record it is, −1 for a record that is no array of rows.</param>
    private void Complete(ref ParsedPrediction parsed, int row)
    {
        var facts = _opener.Facts;
        if (parsed.Model.IsEmpty)
        {
            parsed.Model = facts.Model;
        }

        if (parsed.Id.IsEmpty && !facts.Id.IsEmpty)
        {
            parsed.Id = row < 0 ? facts.Id : IdOfRow(facts.Id, row);
        }

        if (parsed.TimeMs is null)
        {
            parsed.TimeMs = facts.TimeMs;
            parsed.FallenBack |= facts.HasUnreadableTime ? PredictionField.Timestamp : PredictionField.Unknown;
        }

        if (parsed.Segment.IsEmpty && _source.Segment is { } segment)
        {
            parsed.Segment = segment;
        }
    }

    /// <summary><c>id#row</c>; none where that would be too long.</summary>
    private ReadOnlySpan<char> IdOfRow(ReadOnlySpan<char> id, int row) =>
        _id.AsSpan().TryWrite(CultureInfo.InvariantCulture, $"{id}#{row}", out var length) ? _id.AsSpan(0, length) : [];

    private void TakeKey(ReadOnlySpan<byte> key)
    {
        if (_key.Length < key.Length)
        {
            _key = new byte[key.Length];
        }

        key.CopyTo(_key);
        _keyLength = key.Length;
    }
}
