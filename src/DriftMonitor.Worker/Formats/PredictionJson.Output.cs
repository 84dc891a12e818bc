namespace DriftMonitor.Worker.Formats;

/// <content>The output forms: numbers in class order or by class name, one class, one number, or a pair.</content>
internal ref partial struct PredictionJson
{
    /// <summary>The forms that name the most probable classes only, of which several may have the same name.</summary>
    private const PredictionField Top = PredictionField.TopLogprobs | PredictionField.TopProbs;

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
            case PredictionField.Multilabel:
                ReadMultilabel();
                break;
            case PredictionField.Probability when _reader.TokenType != JsonTokenType.StartObject:
                ReadProbability();
                break;
            case PredictionField.TopLogprobs
                or PredictionField.TopProbs
                or PredictionField.Rewards
                or PredictionField.Policy
                or PredictionField.PolicyLogprobs
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
            var absent = _reader.TokenType == JsonTokenType.Null && _parsed.Form == PredictionField.PolicyLogprobs;
            var value = double.NaN;
            if (!absent && !TryReadNumber(out value))
            {
                Refuse(RejectionReason.WrongType);
            }
            else if (!values.TryAdd(absent ? double.NaN : value))
            {
                Refuse(RejectionReason.TooManyClasses);
            }
        }
    }

    /// <summary>Probabilities of classes by themselves, or the names of those that hold.</summary>
    private void ReadMultilabel()
    {
        var ahead = _reader;
        if (_reader.TokenType != JsonTokenType.StartArray
            || !ahead.Read()
            || ahead.TokenType is not (JsonTokenType.String or JsonTokenType.EndArray))
        {
            ReadNumbers(_buffers.Output);
            return;
        }

        _buffers.Output.Clear(named: true);
        _buffers.Output.HasOnlyNames = true;
        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            var problem = _reader.TokenType == JsonTokenType.String
                ? JsonNames.Copy(in _reader, _buffers.ClassName, out var name)
                : JsonNames.CopyText(in _reader, _buffers.ClassName, out name);
            Refuse(problem == RejectionReason.None ? _buffers.Output.Add(name, 1) : problem);
        }
    }

    private void ReadObject(OutputValues values)
    {
        values.Clear(named: true);
        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType != JsonTokenType.EndObject)
        {
            Refuse(JsonNames.Copy(in _reader, _buffers.ClassName, out var name));
            _reader.Read();
            if (_reader.TokenType == JsonTokenType.Null && (_parsed.Form & Top) != 0)
            {
                // a filler for what has no probability
            }
            else if (!TryReadNumber(out var value))
            {
                Refuse(RejectionReason.WrongType);
            }
            else if (_problem == RejectionReason.None)
            {
                Refuse((_parsed.Form & Top) == 0
                    ? values.Add(name, value)
                    : values.AddUp(name, value, logarithms: _parsed.Form == PredictionField.TopLogprobs)); // tokens that print alike
            }
        }
    }

    /// <summary>A number, or a probability that is written as a string.</summary>
    private readonly bool TryReadNumber(out double value)
    {
        value = 0;
        if (_reader.TokenType == JsonTokenType.Number)
        {
            value = JsonNumbers.Parse(_reader.ValueSpan);
            return true;
        }

        if (_parsed.Form == PredictionField.Multilabel && _reader.TokenType is JsonTokenType.True or JsonTokenType.False)
        {
            value = _reader.TokenType == JsonTokenType.True ? 1 : 0;
            return true;
        }

        return _reader.TokenType == JsonTokenType.String
            && (_parsed.Form & (PredictionField.TopProbs | PredictionField.Probability)) != 0
            && JsonNumbers.TryParseText(_reader.ValueSpan, out value);
    }

    private void ReadProbability()
    {
        _buffers.Output.Clear(named: false);
        if (TryReadNumber(out var probability))
        {
            _buffers.Output.TryAdd(probability);
        }
        else
        {
            Refuse(RejectionReason.WrongType);
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
        for (var member = NextMember("chosen"u8, "rejected"u8); member != 0; member = NextMember("chosen"u8, "rejected"u8))
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
        var seen = 0;
        _buffers.HasMask = false;
        _buffers.Length = null;
        for (var member = NextMember("current"u8, "reference"u8, "mask"u8, "length"u8);
            member != 0;
            member = NextMember("current"u8, "reference"u8, "mask"u8, "length"u8))
        {
            if (member > 2 && _parsed.Form == PredictionField.Policy)
            {
                _reader.Skip();
                continue;
            }

            if ((seen & (1 << member)) != 0)
            {
                Refuse(RejectionReason.DuplicateField);
                return;
            }

            seen |= 1 << member;
            switch (member)
            {
                case 3:
                    ReadMask();
                    break;
                case 4:
                    ReadLength();
                    break;
                default:
                    ReadNumbers(member == 1 ? _buffers.Output : _buffers.Reference);
                    break;
            }
        }

        if ((seen & 6) != 6)
        {
            Refuse(RejectionReason.IncompleteOutput);
        }
    }

    /// <summary>1 or true for a token, 0 or false for padding.</summary>
    private void ReadMask()
    {
        var mask = _buffers.Mask;
        mask.Clear(named: false);
        _buffers.HasMask = true;
        if (_reader.TokenType != JsonTokenType.StartArray)
        {
            Refuse(RejectionReason.WrongType);
        }

        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType != JsonTokenType.EndArray)
        {
            double? bit = _reader.TokenType switch
            {
                JsonTokenType.True => 1,
                JsonTokenType.False => 0,
                JsonTokenType.Number when JsonNumbers.Parse(_reader.ValueSpan) is 0 or 1 => JsonNumbers.Parse(_reader.ValueSpan),
                _ => null,
            };
            Refuse(bit is not { } known ? RejectionReason.WrongType
                : mask.TryAdd(known) ? RejectionReason.None
                : RejectionReason.TooManyClasses);
        }
    }

    private void ReadLength()
    {
        if (_reader.TokenType == JsonTokenType.Number && _reader.TryGetInt32(out var length) && length >= 0)
        {
            _buffers.Length = length;
        }
        else
        {
            Refuse(RejectionReason.WrongType);
        }
    }

    /// <summary>Goes to the value of the next member of an object that has one of some names; other members are skipped.</summary>
    /// <returns>1 for the first name and so on, whose value it is; 0 at the end, or when something is wrong.</returns>
    private int NextMember(
        ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ReadOnlySpan<byte> third = default, ReadOnlySpan<byte> fourth = default)
    {
        while (_problem == RejectionReason.None && _reader.Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            var member = JsonNames.Is(in _reader, first) ? 1
                : JsonNames.Is(in _reader, second) ? 2
                : !third.IsEmpty && JsonNames.Is(in _reader, third) ? 3
                : !fourth.IsEmpty && JsonNames.Is(in _reader, fourth) ? 4
                : 0;
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
