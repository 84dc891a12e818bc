namespace DriftMonitor.Worker.Formats;

/// <content>The output forms: numbers in class order or by class name, one class, one number, or a pair.</content>
internal ref partial struct PredictionJson
{
    private void ReadOutput(PredictionField form)
    {
        var first = _parsed.Form == PredictionField.Unknown;
        _parsed.Form |= form;
        if (!first)
        {
            _reader.Skip(); // several outputs, of which the fields to come may be more
            return;
        }

        switch (form)
        {
            case PredictionField.Label:
                ReadLabel();
                break;
            case PredictionField.Score:
                ReadScore();
                break;
            case PredictionField.TopLogprobs or PredictionField.Rewards or PredictionField.Policy or PredictionField.PolicyLogprobs
                when _reader.TokenType != JsonTokenType.StartObject:
                Refuse(RejectionReason.WrongType);
                break;
            case PredictionField.Rewards:
                ReadRewards();
                break;
            case PredictionField.Policy or PredictionField.PolicyLogprobs:
                ReadPolicies();
                break;
            default:
                ReadNumbers(_buffers.Output);
                break;
        }
    }

    /// <summary>Numbers in class order, or by the names of their classes.</summary>
    private void ReadNumbers(OutputValues values)
    {
        switch (_reader.TokenType)
        {
            case JsonTokenType.StartArray:
                ReadArray(values);
                break;
            case JsonTokenType.StartObject:
                ReadObject(values);
                break;
            default:
                Refuse(RejectionReason.WrongType);
                break;
        }
    }

    /// <remarks>
    /// The fast way reads up to the closing bracket, and a reader that stands behind the opening one goes on from there: to it the
    /// array is empty.
    /// </remarks>
    private void ReadArray(OutputValues values)
    {
        var start = _readerStart + (int)_reader.BytesConsumed;
        values.Clear(named: false);
        if (JsonNumbers.TryReadArray(_utf8[start..], values, out var end))
        {
            _readerStart = start + end;
            _reader = new Utf8JsonReader(_utf8[_readerStart..], isFinalBlock: true, _reader.CurrentState);
            _reader.Read();
            return;
        }

        values.Clear(named: false);
        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.Number)
            {
                Refuse(RejectionReason.WrongType);
            }
            else if (!values.TryAdd(JsonNumbers.Parse(_reader.ValueSpan)))
            {
                Refuse(RejectionReason.TooManyClasses);
            }
        }
    }

    private void ReadObject(OutputValues values)
    {
        values.Clear(named: true);
        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            Refuse(JsonNames.Copy(in _reader, _buffers.ClassName, out var name));
            _reader.Read();
            if (_reader.TokenType == JsonTokenType.Null && _parsed.Form == PredictionField.TopLogprobs)
            {
                // a filler for what has no probability
            }
            else if (_reader.TokenType != JsonTokenType.Number)
            {
                Refuse(RejectionReason.WrongType);
            }
            else if (_problem == RejectionReason.None)
            {
                Refuse(values.Add(name, JsonNumbers.Parse(_reader.ValueSpan)));
            }
        }
    }

    /// <summary>A number, or one of the three that JSON has no number for, as most writers spell them.</summary>
    private void ReadScore()
    {
        _buffers.Output.Clear(named: false);
        double? score = _reader.TokenType switch
        {
            JsonTokenType.Number => JsonNumbers.Parse(_reader.ValueSpan),
            JsonTokenType.String when JsonNames.Is(in _reader, "NaN"u8) => double.NaN,
            JsonTokenType.String when JsonNames.Is(in _reader, "Infinity"u8) => double.PositiveInfinity,
            JsonTokenType.String when JsonNames.Is(in _reader, "-Infinity"u8) => double.NegativeInfinity,
            _ => null,
        };
        if (score is { } value)
        {
            _buffers.Output.TryAdd(value);
        }
        else
        {
            Refuse(RejectionReason.WrongType);
        }
    }

    private void ReadRewards()
    {
        double? chosen = null, rejected = null;
        for (var member = NextOfPair("chosen"u8, "rejected"u8); member != 0; member = NextOfPair("chosen"u8, "rejected"u8))
        {
            ref var reward = ref member == 1 ? ref chosen : ref rejected;
            if (reward is not null)
            {
                Refuse(RejectionReason.DuplicateField);
            }
            else if (_reader.TokenType != JsonTokenType.Number)
            {
                Refuse(RejectionReason.WrongType);
            }
            else
            {
                reward = JsonNumbers.Parse(_reader.ValueSpan);
            }
        }

        if (chosen is not { } x || rejected is not { } y)
        {
            Refuse(RejectionReason.IncompleteOutput);
        }
        else
        {
            Refuse(_buffers.Output.SetPreference(x, y));
        }
    }

    private void ReadPolicies()
    {
        bool current = false, reference = false;
        for (var member = NextOfPair("current"u8, "reference"u8); member != 0; member = NextOfPair("current"u8, "reference"u8))
        {
            ref var seen = ref member == 1 ? ref current : ref reference;
            if (seen)
            {
                Refuse(RejectionReason.DuplicateField);
            }
            else
            {
                seen = true;
                ReadNumbers(member == 1 ? _buffers.Output : _buffers.Reference);
            }
        }

        if (!current || !reference)
        {
            Refuse(RejectionReason.IncompleteOutput);
        }
    }

    /// <summary>Goes to the value of the next member of an object that has one of two names; other members are skipped.</summary>
    /// <returns>1 or 2, whose value it is; 0 at the end, or when something is wrong.</returns>
    private int NextOfPair(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = JsonNames.Is(in _reader, first) ? 1 : JsonNames.Is(in _reader, second) ? 2 : 0;
            _reader.Read();
            if (member != 0 && _reader.TokenType != JsonTokenType.Null)
            {
                return member;
            }

            _reader.Skip();
        }

        return 0;
    }

    private void ReadLabel()
    {
        _buffers.Output.Clear(named: true);
        var problem = JsonNames.CopyText(in _reader, _buffers.ClassName, out var name);
        Refuse(problem == RejectionReason.None ? _buffers.Output.Add(name, 1) : problem);
    }
}
