namespace DriftMonitor.Worker.Formats;

/// <summary>One output of a response in JSON: its type and shape, and where its data stand.</summary>
internal struct JsonTensor
{
    private int _start;
    private int _end;

    /// <summary>Whether it has the name that is asked for, null when none is.</summary>
    public bool? IsNamed { get; private set; }

    public TensorType Type { get; private set; }

    public TensorShape Shape { get; private set; }

    /// <summary>The bytes that it has behind the JSON; null when its data are in the JSON.</summary>
    public int? BinarySize { get; private set; }

    /// <summary>Where these begin.</summary>
    public long InBinary { get; set; }

    /// <summary>Reads all but the data, which may come before what tells how they are to be read.</summary>
    /// <param name="reader">Stands on the object's beginning, and then on its end.</param>
    /// <param name="name">The name that is asked for.</param>
    public static JsonTensor Read(ref Utf8JsonReader reader, string? name)
    {
        var tensor = new JsonTensor { IsNamed = name is null ? null : false };
        Span<char> buffer = stackalloc char[JsonNames.MaxLength];
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isName, isType, isShape, isData, areParameters) = (
                JsonNames.Is(in reader, "name"u8), JsonNames.Is(in reader, "datatype"u8), JsonNames.Is(in reader, "shape"u8),
                JsonNames.Is(in reader, "data"u8), JsonNames.Is(in reader, "parameters"u8));
            reader.Read();
            var from = (int)reader.TokenStartIndex;
            if (isName && name is not null)
            {
                tensor.IsNamed = reader.TokenType == JsonTokenType.String
                    && JsonNames.Copy(in reader, buffer, out var read) == RejectionReason.None
                    && read.SequenceEqual(name);
            }
            else if (isType && reader.TokenType == JsonTokenType.String)
            {
                tensor.Type = TensorTypes.Of(reader.ValueSpan);
            }
            else if (isShape && reader.TokenType == JsonTokenType.StartArray)
            {
                tensor.Shape = ReadShape(ref reader);
            }
            else if (areParameters && reader.TokenType == JsonTokenType.StartObject)
            {
                tensor.ReadParameters(ref reader);
            }

            reader.Skip();
            if (isData)
            {
                (tensor._start, tensor._end) = (from, (int)reader.BytesConsumed);
            }
        }

        return tensor;
    }

    /// <summary>Puts the data into rows and begins these.</summary>
    public readonly RejectionReason ReadData(ReadOnlySpan<byte> utf8, PredictionField declared, TensorRows rows)
    {
        var data = utf8[_start.._end];
        if (data.IsEmpty || data[0] != '[')
        {
            return RejectionReason.WrongType;
        }

        if ((TensorTypes.IsFloat(Type) || Type == TensorType.Unknown) && TryReadFlat(data, rows))
        {
            return rows.Begin(Type == TensorType.Unknown ? Type : TensorType.Float64, Shape, declared);
        }

        rows.ClearElements();
        var reader = new Utf8JsonReader(data);
        var (type, nested, isInner, inRow, columns) = (Type, 0, false, 0, -1);
        while (reader.Read())
        {
            if (reader.TokenType is JsonTokenType.StartArray or JsonTokenType.EndArray)
            {
                if (isInner && reader.CurrentDepth > 0 && reader.TokenType == JsonTokenType.EndArray)
                {
                    nested++;
                    columns = columns < 0 ? inRow : columns;
                    if (inRow != columns)
                    {
                        return RejectionReason.WrongArity; // its rows are not of one length
                    }
                }

                (isInner, inRow) = (reader.TokenType == JsonTokenType.StartArray, 0);
            }
            else if (!TryReadElement(ref reader, ref type, rows))
            {
                return RejectionReason.WrongType;
            }
            else
            {
                inRow++;
            }
        }

        return rows.Begin(TypeOfElements(type), Shape, declared, nested);
    }

    /// <summary>What <see cref="TryReadElement"/> puts into the rows.</summary>
    private static TensorType TypeOfElements(TensorType type) =>
        type is TensorType.Unknown or TensorType.Bool or TensorType.Bytes ? type
        : TensorTypes.IsFloat(type) ? TensorType.Float64
        : TensorType.Int64;

    /// <summary>The same without a token a number, for an array of nothing but numbers.</summary>
    private static bool TryReadFlat(ReadOnlySpan<byte> data, TensorRows rows)
    {
        for (var at = 1; JsonNumbers.TryReadNext(data, ref at, out var value, out var isLast);)
        {
            rows.AppendFloat(value);
            if (isLast)
            {
                return true;
            }
        }

        return false;
    }

    /// <remarks>Where the response does not tell the type, texts and booleans show themselves.</remarks>
    private static bool TryReadElement(ref Utf8JsonReader reader, ref TensorType type, TensorRows rows)
    {
        var isFirst = type == TensorType.Unknown && rows.IsEmpty;
        switch (reader.TokenType)
        {
            case JsonTokenType.String when type == TensorType.Bytes || isFirst:
                type = TensorType.Bytes;
                return TryReadText(in reader, rows);
            case JsonTokenType.True or JsonTokenType.False when type == TensorType.Bool || isFirst:
                type = TensorType.Bool;
                rows.AppendBoolean(reader.TokenType == JsonTokenType.True);
                return true;
            case JsonTokenType.Number when type == TensorType.Bool && JsonNumbers.Parse(reader.ValueSpan) is 0 or 1:
                rows.AppendBoolean(JsonNumbers.Parse(reader.ValueSpan) != 0);
                return true;
            case JsonTokenType.Number when type == TensorType.Unknown || TensorTypes.IsFloat(type):
                rows.AppendFloat(JsonNumbers.Parse(reader.ValueSpan));
                return true;
            case JsonTokenType.Number when type is not (TensorType.Bool or TensorType.Bytes) && reader.TryGetInt64(out var integer):
                rows.AppendInteger(integer);
                return true;
            default:
                return false;
        }
    }

    private static bool TryReadText(ref readonly Utf8JsonReader reader, TensorRows rows)
    {
        if (!reader.ValueIsEscaped)
        {
            rows.AppendText(reader.ValueSpan);
            return true;
        }

        Span<byte> unescaped = stackalloc byte[JsonNames.MaxJsonBytes];
        var whole = reader.ValueSpan.Length <= unescaped.Length;
        if (whole && JsonNames.TryUnescape(reader.ValueSpan, unescaped, out var length))
        {
            rows.AppendText(unescaped[..length]);
            return true;
        }

        return false;
    }

    private static TensorShape ReadShape(ref Utf8JsonReader reader)
    {
        var shape = new TensorShape();
        shape.Begin();
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            shape.Add(reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var dimension) ? dimension : 0);
            reader.Skip();
        }

        return shape;
    }

    private void ReadParameters(ref Utf8JsonReader reader)
    {
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSize = JsonNames.Is(in reader, "binary_data_size"u8);
            reader.Read();
            if (isSize && reader.TokenType == JsonTokenType.Number && reader.TryGetInt32(out var size) && size >= 0)
            {
                BinarySize = size;
            }

            reader.Skip();
        }
    }
}
