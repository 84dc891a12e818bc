using System.Buffers.Text;
using System.Text.Unicode;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Formats;

/// <summary>
/// A response of KServe's inference protocol v2: <c>model_name</c>, <c>id</c>, and predictions in one of its <c>outputs</c>.
/// </summary>
/// <remarks>
/// The data may be flat or nested. With the binary tensor extension they stand behind the JSON, whose length is in a header, in the order
/// of the outputs that have a <c>binary_data_size</c>. What the numbers mean is <see cref="TensorRows"/>'s.
/// </remarks>
/// <seealso href="https://github.com/kserve/open-inference-protocol">Open Inference Protocol</seealso>
internal static class KServeResponse
{
    private const string HeadLength = "Inference-Header-Content-Length";
    private const string HeadLengthInLowerCase = "inference-header-content-length";

    /// <summary>Reads a response and begins its rows.</summary>
    /// <param name="headers">The record's headers, null for none.</param>
    /// <param name="output">The name of the output to take, null for the only one, or the only one of floats.</param>
    /// <param name="declared">What the output is, <see cref="PredictionField.Unknown"/> for what its type tells.</param>
    /// <returns><see cref="RejectionReason.None"/>, or why there is no prediction in it. It never throws.</returns>
    public static RejectionReason Read(
        ReadOnlySpan<byte> value, Headers? headers, string? output, PredictionField declared, TensorRows rows)
    {
        rows.Clear();
        var head = value;
        if (headers is not null && (headers.TryGetLastBytes(HeadLength, out var length)
            || headers.TryGetLastBytes(HeadLengthInLowerCase, out length)))
        {
            if (!Utf8Parser.TryParse(length, out int bytes, out var digits) || digits != length.Length || bytes < 0 || bytes > value.Length)
            {
                return RejectionReason.Malformed;
            }

            head = value[..bytes];
        }

        if (!Utf8.IsValid(head))
        {
            return RejectionReason.Malformed;
        }

        try
        {
            var whole = new Utf8JsonReader(head);
            while (whole.Read())
            {
                // Whether it is JSON at all goes before any other reason.
            }

            var reader = new Utf8JsonReader(head);
            return ReadBody(ref reader, head, value[head.Length..], output, declared, rows);
        }
        catch (JsonException)
        {
            return RejectionReason.Malformed;
        }
    }

    private static RejectionReason ReadBody(
        ref Utf8JsonReader reader, ReadOnlySpan<byte> head, ReadOnlySpan<byte> binary, string? output, PredictionField declared,
        TensorRows rows)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RejectionReason.NotAnObject;
        }

        var (problem, outputs, taken, inBinary) = (RejectionReason.None, new ResponseOutputs(), new JsonTensor(), 0L);
        while (problem == RejectionReason.None && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isModel, isId, areOutputs) = (
                JsonNames.Is(in reader, "model_name"u8), JsonNames.Is(in reader, "id"u8), JsonNames.Is(in reader, "outputs"u8));
            reader.Read();
            if (isId)
            {
                rows.SetIdLength(JsonNames.TryReadId(ref reader, rows.Id, out var length) ? length : 0);
            }
            else if (isModel && reader.TokenType != JsonTokenType.Null)
            {
                problem = ReadModel(in reader, rows);
            }
            else if (areOutputs && reader.TokenType == JsonTokenType.StartArray)
            {
                while (problem == RejectionReason.None && reader.Read() && reader.TokenType != JsonTokenType.EndArray)
                {
                    problem = reader.TokenType == JsonTokenType.StartObject ? RejectionReason.None : RejectionReason.WrongType;
                    if (problem == RejectionReason.None)
                    {
                        var tensor = JsonTensor.Read(ref reader, output);
                        tensor.InBinary = inBinary;
                        inBinary += tensor.BinarySize ?? 0;
                        outputs.Add(tensor.IsNamed, tensor.Type);
                        taken = outputs.Taken == outputs.Count - 1 ? tensor : taken;
                    }
                }
            }
            else
            {
                problem = areOutputs ? RejectionReason.WrongType : problem;
                reader.Skip();
            }
        }

        problem = problem != RejectionReason.None ? problem : outputs.Check(byName: output is not null);
        return problem != RejectionReason.None ? problem
            : inBinary != binary.Length ? RejectionReason.Malformed
            : taken.BinarySize is { } size ? ReadBinary(binary.Slice((int)taken.InBinary, (int)size), taken, declared, rows)
            : taken.ReadData(head, declared, rows);
    }

    private static RejectionReason ReadBinary(ReadOnlySpan<byte> elements, JsonTensor tensor, PredictionField declared, TensorRows rows)
    {
        if (tensor.Type == TensorType.Unknown)
        {
            return RejectionReason.WrongType;
        }

        rows.Append(elements);
        return rows.Begin(tensor.Type, tensor.Shape, declared);
    }

    private static RejectionReason ReadModel(in Utf8JsonReader reader, TensorRows rows)
    {
        Span<byte> unescaped = stackalloc byte[JsonNames.MaxJsonBytes];
        var length = 0;
        return reader.TokenType != JsonTokenType.String ? RejectionReason.WrongType
            : reader.ValueSpan.Length is 0 or > JsonNames.MaxJsonBytes ? RejectionReason.InvalidName
            : !reader.ValueIsEscaped ? rows.SetModel(reader.ValueSpan)
            : JsonNames.TryUnescape(reader.ValueSpan, unescaped, out length) ? rows.SetModel(unescaped[..length])
            : RejectionReason.Malformed;
    }
}
