using System.Text.Unicode;

namespace DriftMonitor.Worker.Formats;

/// <summary>The message <c>inference.ModelInferResponse</c> of the Open Inference Protocol, as Triton and Seldon Core 2 write it.</summary>
/// <remarks>
/// An output's elements are in its own <c>contents</c>, or all outputs' in <c>raw_output_contents</c>, one each. Read without a generated
/// type, as a raw tensor is copied only once so.
/// </remarks>
/// <seealso href="https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/open_inference_grpc.proto">The message
/// </seealso>
internal static class ModelInferResponse
{
    private const uint ModelName = 1, Id = 3, Outputs = 5, RawOutputContents = 6;
    private const uint Name = 1, Datatype = 2, Shape = 3, Contents = 5;
    private const uint BoolContents = 1, IntContents = 2, Int64Contents = 3, UIntContents = 4, UInt64Contents = 5, Fp32Contents = 6,
        Fp64Contents = 7, BytesContents = 8;

    /// <summary>Reads a response and begins its rows.</summary>
    /// <param name="output">The name of the output to take as UTF-8 text, empty for the only one, or the only one of floats.</param>
    /// <param name="declared">What the output is, <see cref="PredictionField.Unknown"/> for what its type tells.</param>
    /// <returns><see cref="RejectionReason.None"/>, or why there is no prediction in it. It never throws.</returns>
    public static RejectionReason Read(ReadOnlySpan<byte> message, ReadOnlySpan<byte> output, PredictionField declared, TensorRows rows)
    {
        rows.Clear();
        var fields = new ProtobufFields(message);
        var (outputs, raws) = (new ResponseOutputs(), 0);
        ReadOnlySpan<byte> taken = [];
        while (fields.MoveNext())
        {
            switch (fields.Number)
            {
                case ModelName when !Utf8.IsValid(fields.Bytes):
                    return RejectionReason.Malformed;
                case ModelName:
                    if (rows.SetModel(fields.Bytes) is not RejectionReason.None and var problem)
                    {
                        return problem;
                    }

                    break;
                case Id:
                    var isId = Utf8.ToUtf16(fields.Bytes, rows.Id, out _, out var length, replaceInvalidSequences: false) == 0;
                    rows.SetIdLength(isId ? length : 0);
                    break;
                case Outputs:
                    if (!TryReadHead(fields.Bytes, output, out var isNamed, out var type))
                    {
                        return RejectionReason.Malformed;
                    }

                    outputs.Add(isNamed, type);
                    taken = outputs.Taken == outputs.Count - 1 ? fields.Bytes : taken;
                    break;
                case RawOutputContents:
                    raws++;
                    break;
            }
        }

        var reason = fields.IsMalformed ? RejectionReason.Malformed : outputs.Check(byName: !output.IsEmpty);
        return reason != RejectionReason.None ? reason
            : raws == 0 ? ReadTensor(taken, [], isRaw: false, declared, rows)
            : raws == outputs.Count ? ReadTensor(taken, RawOf(message, outputs.Taken), isRaw: true, declared, rows)
            : RejectionReason.WrongArity;
    }

    private static bool TryReadHead(ReadOnlySpan<byte> message, ReadOnlySpan<byte> output, out bool? isNamed, out TensorType type)
    {
        (isNamed, type) = (output.IsEmpty ? null : false, TensorType.Unknown);
        var fields = new ProtobufFields(message);
        while (fields.MoveNext())
        {
            if (fields.Number == Name && !output.IsEmpty)
            {
                isNamed = fields.Bytes.SequenceEqual(output);
            }
            else if (fields.Number == Datatype)
            {
                type = TensorTypes.Of(fields.Bytes);
            }
        }

        return !fields.IsMalformed;
    }

    private static ReadOnlySpan<byte> RawOf(ReadOnlySpan<byte> message, int index)
    {
        var fields = new ProtobufFields(message);
        while (fields.MoveNext())
        {
            if (fields.Number == RawOutputContents && index-- == 0)
            {
                return fields.Bytes;
            }
        }

        return [];
    }

    private static RejectionReason ReadTensor(
        ReadOnlySpan<byte> message, ReadOnlySpan<byte> raw, bool isRaw, PredictionField declared, TensorRows rows)
    {
        var fields = new ProtobufFields(message);
        var (type, shape) = (TensorType.Unknown, new TensorShape());
        var elements = TensorType.Unknown;
        shape.Begin();
        while (fields.MoveNext())
        {
            var isWhole = true;
            switch (fields.Number)
            {
                case Datatype:
                    type = TensorTypes.Of(fields.Bytes);
                    break;
                case Shape:
                    isWhole = TryReadShape(ref fields, ref shape);
                    break;
                case Contents when !isRaw:
                    isWhole = TryReadContents(fields.Bytes, ref elements, rows);
                    break;
            }

            if (!isWhole)
            {
                return RejectionReason.Malformed;
            }
        }

        if (isRaw)
        {
            rows.Append(raw);
            elements = type;
        }

        return type == TensorType.Unknown ? RejectionReason.WrongType
            : elements == TensorType.Unknown ? RejectionReason.MissingOutput
            : rows.Begin(elements, shape, declared);
    }

    private static bool TryReadShape(ref ProtobufFields field, ref TensorShape shape)
    {
        if (!field.IsLengthDelimited)
        {
            shape.Add((long)field.Varint);
            return true;
        }

        var packed = field.Bytes;
        while (!packed.IsEmpty)
        {
            if (!ProtobufFields.TryTakeVarint(ref packed, out var dimension))
            {
                return false;
            }

            shape.Add((long)dimension);
        }

        return true;
    }

    /// <summary>Numbers may be packed or not; of one tensor all are of one field.</summary>
    private static bool TryReadContents(ReadOnlySpan<byte> message, ref TensorType type, TensorRows rows)
    {
        var fields = new ProtobufFields(message);
        while (fields.MoveNext())
        {
            var read = fields.Number switch
            {
                BoolContents => TensorType.Bool,
                IntContents or Int64Contents or UIntContents => TensorType.Int64,
                UInt64Contents => TensorType.UInt64,
                Fp32Contents => TensorType.Float32,
                Fp64Contents => TensorType.Float64,
                BytesContents => TensorType.Bytes,
                _ => TensorType.Unknown,
            };
            if (read == TensorType.Unknown)
            {
                continue;
            }

            if (type != TensorType.Unknown && type != read)
            {
                return false;
            }

            type = read;
            var bytes = fields.Bytes;
            if (type == TensorType.Bytes)
            {
                rows.AppendText(bytes);
            }
            else if (TensorTypes.IsFloat(type))
            {
                rows.Append(bytes);
            }
            else if (!fields.IsLengthDelimited)
            {
                Append(type, fields.Varint, rows);
            }
            else if (!TryReadPacked(bytes, type, rows))
            {
                return false;
            }
        }

        return !fields.IsMalformed;
    }

    private static bool TryReadPacked(ReadOnlySpan<byte> packed, TensorType type, TensorRows rows)
    {
        while (!packed.IsEmpty)
        {
            if (!ProtobufFields.TryTakeVarint(ref packed, out var value))
            {
                return false;
            }

            Append(type, value, rows);
        }

        return true;
    }

    private static void Append(TensorType type, ulong value, TensorRows rows)
    {
        if (type == TensorType.Bool)
        {
            rows.AppendBoolean(value != 0);
        }
        else
        {
            rows.AppendInteger((long)value);
        }
    }
}
