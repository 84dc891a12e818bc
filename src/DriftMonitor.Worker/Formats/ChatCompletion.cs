using System.Text.Unicode;

namespace DriftMonitor.Worker.Formats;

/// <summary>
/// A chat completion with <c>logprobs</c>, as OpenAI's API, vLLM and SGLang answer it; also a completion of the older API.
/// </summary>
/// <remarks>
/// A response is one event: its output is the mean of its positions' distributions, since they depend on each other. A position's
/// distribution is that of its most probable tokens and of the one that was drawn; what is missing to 1 is other tokens'. What a server
/// fills in for what has no probability (−9999) is left out. Not safe for concurrent use.
/// </remarks>
/// <seealso href="https://platform.openai.com/docs/api-reference/chat/object">The chat completion object</seealso>
internal sealed class ChatCompletion(double sumTolerance)
{
    private readonly TokenName _token = new();
    private readonly TokenName _drawn = new();
    private int _positions;
    private bool _hasChoices;

    /// <summary>Reads a response: its output is <see cref="PredictionField.TopProbs"/>.</summary>
    /// <returns><see cref="RejectionReason.None"/>, or why it is no prediction. It never throws.</returns>
    public RejectionReason Read(ReadOnlySpan<byte> utf8, PredictionBuffers buffers, ref ParsedPrediction parsed)
    {
        if (!Utf8.IsValid(utf8))
        {
            return RejectionReason.Malformed;
        }

        try
        {
            var whole = new Utf8JsonReader(utf8);
            while (whole.Read())
            {
                // Whether it is JSON at all goes before any other reason.
            }

            var reader = new Utf8JsonReader(utf8);
            return ReadBody(ref reader, buffers, ref parsed);
        }
        catch (JsonException)
        {
            return RejectionReason.Malformed;
        }
    }

    private RejectionReason ReadBody(ref Utf8JsonReader reader, PredictionBuffers buffers, ref ParsedPrediction parsed)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RejectionReason.NotAnObject;
        }

        var problem = RejectionReason.None;
        (_positions, _hasChoices) = (0, false);
        buffers.Output.Clear(named: true);
        while (problem == RejectionReason.None && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            problem = ReadMember(ref reader, buffers, ref parsed);
        }

        parsed.Form = PredictionField.TopProbs;
        if (problem == RejectionReason.None && _positions > 0)
        {
            System.Numerics.Tensors.TensorPrimitives.Divide(buffers.Output.Values, _positions, buffers.Output.Values);
        }

        return problem != RejectionReason.None ? problem
            : _positions == 0 ? RejectionReason.MissingOutput
            : RejectionReason.None;
    }

    private RejectionReason ReadMember(ref Utf8JsonReader reader, PredictionBuffers buffers, ref ParsedPrediction parsed)
    {
        var (isModel, isId, isTime, isKind, areChoices) = (
            JsonNames.Is(in reader, "model"u8), JsonNames.Is(in reader, "id"u8), JsonNames.Is(in reader, "created"u8),
            JsonNames.Is(in reader, "object"u8), JsonNames.Is(in reader, "choices"u8));
        reader.Read();
        if (isId)
        {
            parsed.Id = JsonNames.TryReadId(ref reader, buffers.Id, out var length) ? buffers.Id.AsSpan(0, length) : [];
        }
        else if (isModel && reader.TokenType != JsonTokenType.Null)
        {
            var problem = JsonNames.CopyUtf8(in reader, buffers.Model, out var model);
            parsed.Model = model;
            return problem;
        }
        else if (isTime && reader.TokenType != JsonTokenType.Null)
        {
            parsed.TimeMs = JsonTimestamp.TryRead(in reader, new TimeForm(TimeUnit.Seconds), out var epochMs) ? epochMs : null;
            parsed.FallenBack |= parsed.TimeMs is null ? PredictionField.Timestamp : PredictionField.Unknown;
            reader.Skip();
        }
        else if (isKind && JsonNames.Is(in reader, "chat.completion.chunk"u8))
        {
            return RejectionReason.IncompleteOutput; // a piece of a stream
        }
        else if (areChoices && reader.TokenType == JsonTokenType.StartArray)
        {
            if (_hasChoices)
            {
                return RejectionReason.DuplicateField;
            }

            _hasChoices = true;
            return ReadChoices(ref reader, buffers);
        }
        else
        {
            reader.Skip();
        }

        return RejectionReason.None;
    }

    private RejectionReason ReadChoices(ref Utf8JsonReader reader, PredictionBuffers buffers)
    {
        var problem = RejectionReason.None;
        while (problem == RejectionReason.None && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.StartObject)
            {
                return RejectionReason.WrongType;
            }

            while (problem == RejectionReason.None && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var areLogprobs = JsonNames.Is(in reader, "logprobs"u8);
                reader.Read();
                if (areLogprobs && reader.TokenType == JsonTokenType.StartObject)
                {
                    problem = ReadLogprobs(ref reader, buffers);
                }
                else
                {
                    reader.Skip();
                }
            }
        }

        return problem;
    }

    /// <summary><c>content</c> of a chat completion, or <c>top_logprobs</c> of the older API, both a list of positions.</summary>
    private RejectionReason ReadLogprobs(ref Utf8JsonReader reader, PredictionBuffers buffers)
    {
        var problem = RejectionReason.None;
        while (problem == RejectionReason.None && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isContent, isOlder) = (JsonNames.Is(in reader, "content"u8), JsonNames.Is(in reader, "top_logprobs"u8));
            reader.Read();
            if ((!isContent && !isOlder) || reader.TokenType != JsonTokenType.StartArray)
            {
                reader.Skip();
                continue;
            }

            while (problem == RejectionReason.None && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
            {
                if (reader.TokenType == JsonTokenType.Null)
                {
                    continue; // the first token of a prompt that is echoed
                }

                buffers.Reference.Clear(named: true);
                problem = reader.TokenType != JsonTokenType.StartObject ? RejectionReason.WrongType
                    : isContent ? ReadPosition(ref reader, buffers.Reference)
                    : ReadOlderPosition(ref reader, buffers.Reference);
                problem = problem == RejectionReason.None ? AddPosition(buffers) : problem;
            }
        }

        return problem;
    }

    /// <summary>The token that was drawn, and the most probable ones, of which it usually is one.</summary>
    private RejectionReason ReadPosition(ref Utf8JsonReader reader, OutputValues position)
    {
        var (problem, logprob) = (RejectionReason.None, (double?)null);
        _drawn.Clear();
        while (problem == RejectionReason.None && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (!JsonNames.Is(in reader, "top_logprobs"u8))
            {
                problem = ReadTokenMember(ref reader, _drawn, ref logprob);
                continue;
            }

            reader.Read();
            if (reader.TokenType == JsonTokenType.StartArray)
            {
                while (problem == RejectionReason.None && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    problem = reader.TokenType == JsonTokenType.StartObject
                        ? ReadToken(ref reader, position)
                        : RejectionReason.WrongType;
                }
            }
            else
            {
                reader.Skip();
            }
        }

        problem = problem == RejectionReason.None ? _drawn.Settle() : problem;
        return problem != RejectionReason.None ? problem
            : logprob is { } known && !position.Contains(_drawn.Value) ? position.Add(_drawn.Value, known)
            : RejectionReason.None;
    }

    private RejectionReason ReadToken(ref Utf8JsonReader reader, OutputValues position)
    {
        var (problem, logprob) = (RejectionReason.None, (double?)null);
        _token.Clear();
        while (problem == RejectionReason.None && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            problem = ReadTokenMember(ref reader, _token, ref logprob);
        }

        problem = problem == RejectionReason.None ? _token.Settle() : problem;
        return problem != RejectionReason.None ? problem
            : logprob is { } known ? position.AddUp(_token.Value, known, logarithms: true)
            : RejectionReason.None;
    }

    private static RejectionReason ReadTokenMember(ref Utf8JsonReader reader, TokenName token, ref double? logprob)
    {
        var (isToken, areBytes, isLogprob) = (
            JsonNames.Is(in reader, "token"u8), JsonNames.Is(in reader, "bytes"u8), JsonNames.Is(in reader, "logprob"u8));
        reader.Read();
        if (isToken)
        {
            return token.ReadText(in reader);
        }

        if (areBytes)
        {
            return token.ReadBytes(ref reader);
        }

        if (isLogprob && reader.TokenType != JsonTokenType.Null)
        {
            logprob = JsonNumbers.Parse(reader.ValueSpan);
            return reader.TokenType == JsonTokenType.Number ? RejectionReason.None : RejectionReason.WrongType;
        }

        reader.Skip();
        return RejectionReason.None;
    }

    /// <summary>Token → its log-probability.</summary>
    private RejectionReason ReadOlderPosition(ref Utf8JsonReader reader, OutputValues position)
    {
        var problem = RejectionReason.None;
        while (problem == RejectionReason.None && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            _token.Clear();
            problem = _token.ReadText(in reader);
            problem = problem == RejectionReason.None ? _token.Settle() : problem;
            reader.Read();
            problem = problem != RejectionReason.None || reader.TokenType == JsonTokenType.Null ? problem
                : reader.TokenType != JsonTokenType.Number ? RejectionReason.WrongType
                : position.AddUp(_token.Value, JsonNumbers.Parse(reader.ValueSpan), logarithms: true);
        }

        return problem;
    }

    /// <summary>Adds a position's distribution to those before it; one of nothing but fillers tells nothing.</summary>
    private RejectionReason AddPosition(PredictionBuffers buffers)
    {
        var position = buffers.Reference;
        var problem = Simplex.FromTopLogProbabilities(position.Values, sumTolerance, out var missing);
        if (problem != RejectionReason.None || missing == 1)
        {
            return problem;
        }

        _positions++;
        for (var i = 0; i < position.Count; i++)
        {
            var p = position.Values[i];
            problem = p > 0 ? buffers.Output.AddUp(position.NameOf(i), p, logarithms: false) : RejectionReason.None;
            if (problem != RejectionReason.None)
            {
                return problem;
            }
        }

        return RejectionReason.None;
    }
}
