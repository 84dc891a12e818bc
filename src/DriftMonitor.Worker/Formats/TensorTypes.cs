using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Unicode;

namespace DriftMonitor.Worker.Formats;

/// <summary>The elements of tensors as the protocol's binary form has them: little-endian, texts behind their length.</summary>
internal static class TensorTypes
{
    /// <summary>Bytes before a text.</summary>
    public const int LengthPrefix = sizeof(int);

    private const double MaxExactInteger = 1L << 53;

    /// <summary>The type that a response calls so.</summary>
    public static TensorType Of(ReadOnlySpan<byte> datatype) =>
        datatype.SequenceEqual("FP32"u8) ? TensorType.Float32
        : datatype.SequenceEqual("FP64"u8) ? TensorType.Float64
        : datatype.SequenceEqual("INT64"u8) ? TensorType.Int64
        : datatype.SequenceEqual("INT32"u8) ? TensorType.Int32
        : datatype.SequenceEqual("BYTES"u8) ? TensorType.Bytes
        : datatype.SequenceEqual("BOOL"u8) ? TensorType.Bool
        : datatype.SequenceEqual("FP16"u8) ? TensorType.Float16
        : datatype.SequenceEqual("BF16"u8) ? TensorType.BFloat16
        : datatype.SequenceEqual("INT16"u8) ? TensorType.Int16
        : datatype.SequenceEqual("INT8"u8) ? TensorType.Int8
        : datatype.SequenceEqual("UINT8"u8) ? TensorType.UInt8
        : datatype.SequenceEqual("UINT16"u8) ? TensorType.UInt16
        : datatype.SequenceEqual("UINT32"u8) ? TensorType.UInt32
        : datatype.SequenceEqual("UINT64"u8) ? TensorType.UInt64
        : TensorType.Unknown;

    public static bool IsFloat(TensorType type) => type is >= TensorType.Float16 and <= TensorType.Float64;

    /// <summary>Bytes of an element; of a text 0, as they differ.</summary>
    public static int SizeOf(TensorType type) => type switch
    {
        TensorType.Bool or TensorType.UInt8 or TensorType.Int8 => 1,
        TensorType.UInt16 or TensorType.Int16 or TensorType.Float16 or TensorType.BFloat16 => 2,
        TensorType.UInt32 or TensorType.Int32 or TensorType.Float32 => 4,
        TensorType.UInt64 or TensorType.Int64 or TensorType.Float64 => 8,
        _ => 0,
    };

    /// <summary>Converts as many elements as there is room for.</summary>
    public static void ToDoubles(TensorType type, ReadOnlySpan<byte> elements, Span<double> values)
    {
        switch (type)
        {
            case TensorType.Float32:
                Convert<float>(elements, values);
                break;
            case TensorType.Float64:
                MemoryMarshal.Cast<byte, double>(elements).CopyTo(values);
                break;
            case TensorType.Float16:
                Convert<Half>(elements, values);
                break;
            case TensorType.BFloat16:
                var halves = MemoryMarshal.Cast<byte, ushort>(elements);
                for (var i = 0; i < values.Length; i++)
                {
                    values[i] = BitConverter.UInt32BitsToSingle((uint)halves[i] << 16);
                }

                break;
            case TensorType.Bool or TensorType.UInt8:
                Convert<byte>(elements, values);
                break;
            case TensorType.UInt16:
                Convert<ushort>(elements, values);
                break;
            case TensorType.UInt32:
                Convert<uint>(elements, values);
                break;
            case TensorType.UInt64:
                Convert<ulong>(elements, values);
                break;
            case TensorType.Int8:
                Convert<sbyte>(elements, values);
                break;
            case TensorType.Int16:
                Convert<short>(elements, values);
                break;
            case TensorType.Int32:
                Convert<int>(elements, values);
                break;
            case TensorType.Int64:
                Convert<long>(elements, values);
                break;
        }
    }

    /// <summary>An element's text as the name of a class: a whole number's digits, true or false, or the text itself.</summary>
    public static RejectionReason ToName(TensorType type, ReadOnlySpan<byte> element, Span<char> buffer, out int length)
    {
        length = 0;
        switch (type)
        {
            case TensorType.Bytes:
                return ToName(element, buffer, out length);
            case TensorType.Bool:
                var name = element[0] == 0 ? "false" : "true";
                name.CopyTo(buffer);
                length = name.Length;
                return RejectionReason.None;
            case TensorType.Int64:
                MemoryMarshal.Read<long>(element).TryFormat(buffer, out length, default, CultureInfo.InvariantCulture);
                return RejectionReason.None;
            case TensorType.UInt64:
                MemoryMarshal.Read<ulong>(element).TryFormat(buffer, out length, default, CultureInfo.InvariantCulture);
                return RejectionReason.None;
            default: // a class's index as some libraries write it: 2.0
                double value = 0;
                ToDoubles(type, element, new Span<double>(ref value));
                return Math.Abs(value) <= MaxExactInteger && double.IsInteger(value)
                    && ((long)value).TryFormat(buffer, out length, default, CultureInfo.InvariantCulture)
                    ? RejectionReason.None
                    : RejectionReason.WrongType;
        }
    }

    private static RejectionReason ToName(ReadOnlySpan<byte> utf8, Span<char> buffer, out int length)
    {
        var status = Utf8.ToUtf16(utf8, buffer[..JsonNames.MaxLength], out _, out length, replaceInvalidSequences: false);
        return status == System.Buffers.OperationStatus.DestinationTooSmall
            || (status == System.Buffers.OperationStatus.Done && length == 0)
            ? RejectionReason.InvalidName
            : status == System.Buffers.OperationStatus.Done ? RejectionReason.None : RejectionReason.Malformed;
    }

    private static void Convert<T>(ReadOnlySpan<byte> elements, Span<double> values)
        where T : unmanaged, INumberBase<T> => TensorPrimitives.ConvertTruncating(MemoryMarshal.Cast<byte, T>(elements), values);
}
