using System.Text.Unicode;

namespace DriftMonitor.Worker.Formats;

/// <summary>A response of KServe's inference protocol v2: <c>model_name</c>, and in <c>outputs</c> a prediction's probabilities.</summary>
/// <remarks>The data may be flat or nested, row by row. A batch of several is rejected: each of its rows would need its own id.</remarks>
/// <seealso href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</seealso>
internal static class KServeResponse
{
    /// <param name="output">The name of the output to take, null for the only one.</param>
    /// <returns><see cref="RejectionReason.None"/>, or why it is no prediction. It never throws.</returns>
    public static RejectionReason Read(ReadOnlySpan<byte> utf8, string? output, PredictionBuffers buffers, ref ParsedPrediction parsed)
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
            return ReadBody(ref reader, utf8, output, buffers, ref parsed);
        }
        catch (JsonException)
        {
            return RejectionReason.Malformed;
        }
    }

    private static RejectionReason ReadBody(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string? output, PredictionBuffers buffers, ref ParsedPrediction parsed)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RejectionReason.NotAnObject;
        }

        var (problem, found) = (RejectionReason.None, 0);
        while (problem == RejectionReason.None && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isModel, isId, areOutputs) = (
                JsonNames.Is(in reader, "model_name"u8), JsonNames.Is(in reader, "id"u8), JsonNames.Is(in reader, "outputs"u8));
            reader.Read();
            if (isId)
            {
                parsed.Id = JsonNames.TryReadId(ref reader, buffers.Id, out var length) ? buffers.Id.AsSpan(0, length) : [];
            }
            else if (isModel && reader.TokenType != JsonTokenType.Null)
            {
                problem = JsonNames.CopyUtf8(in reader, buffers.Model, out var model);
                parsed.Model = model;
            }
            else if (areOutputs && reader.TokenType == JsonTokenType.StartArray)
            {
                while (problem == RejectionReason.None && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    problem = reader.TokenType == JsonTokenType.StartObject
                        ? ReadOutput(ref reader, utf8, output, buffers, ref found)
                        : RejectionReason.WrongType;
                }
            }
            else
            {
                problem = areOutputs ? RejectionReason.WrongType : problem;
                reader.Skip();
            }
        }

        parsed.Form = PredictionField.Probs;
        return problem != RejectionReason.None ? problem
            : found == 0 ? RejectionReason.MissingOutput
            : found > 1 ? RejectionReason.SeveralOutputs
            : RejectionReason.None;
    }

    /// <summary>Reads one output, and its numbers if it is the one that is asked for; its name may come behind them.</summary>
    private static RejectionReason ReadOutput(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> utf8, string? output, PredictionBuffers buffers, ref int found)
    {
        var (isIt, rows, start, end) = (output is null, 1L, 0, 0);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isShape, isData) = (
                JsonNames.Is(in reader, "name"u8), JsonNames.Is(in reader, "shape"u8), JsonNames.Is(in reader, "data"u8));
            reader.Read();
            if (isName && output is not null)
            {
                isIt = reader.TokenType == JsonTokenType.String
                    && JsonNames.Copy(in reader, buffers.ClassName, out var name) == RejectionReason.None
                    && name.SequenceEqual(output);
            }

            var from = (int)reader.TokenStartIndex;
            reader.Skip();
            if (isShape)
            {
                rows = Rows(utf8[from..(int)reader.BytesConsumed]);
            }
            else if (isData)
            {
                (start, end) = (from, (int)reader.BytesConsumed);
            }
        }

        if (!isIt)
        {
            return RejectionReason.None;
        }

        found++;
        return rows > 1 ? RejectionReason.Batch : ReadData(utf8[start..end], buffers.Output);
    }

    /// <summary>The product of all dimensions but the last one, which is that of the classes.</summary>
    private static long Rows(ReadOnlySpan<byte> shape)
    {
        var (rows, last) = (1.0, 1.0);
        var reader = new Utf8JsonReader(shape);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Number)
            {
                rows *= last;
                last = JsonNumbers.Parse(reader.ValueSpan);
            }
        }

        return (long)Math.Min(rows, long.MaxValue);
    }

    private static RejectionReason ReadData(ReadOnlySpan<byte> data, OutputValues values)
    {
        values.Clear(named: false);
        if (data.IsEmpty || data[0] != '[')
        {
            return RejectionReason.WrongType;
        }

        var reader = new Utf8JsonReader(data);
        while (reader.Read())
        {
            if (reader.TokenType == JsonTokenType.Number)
            {
                if (!values.TryAdd(JsonNumbers.Parse(reader.ValueSpan)))
                {
                    return RejectionReason.TooManyClasses;
                }
            }
            else if (reader.TokenType is not (JsonTokenType.StartArray or JsonTokenType.EndArray))
            {
                return RejectionReason.WrongType;
            }
        }

        return RejectionReason.None;
    }
}
