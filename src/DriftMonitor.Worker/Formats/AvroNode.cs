using Avro;

namespace DriftMonitor.Worker.Formats;

/// <summary>An Avro schema, as far as it must be known to go over a value's bytes. Immutable once made.</summary>
internal sealed class AvroNode
{
    private static readonly Dictionary<string, long> TicksPerUnit = new(StringComparer.Ordinal)
    {
        ["timestamp-millis"] = TimeSpan.TicksPerMillisecond,
        ["timestamp-micros"] = TimeSpan.TicksPerMicrosecond,
    };

    private AvroNode(AvroType type) => Type = type;

    public AvroType Type { get; private set; }

    /// <summary>An item's schema of an array or map, those of a record's fields or of a union's branches.</summary>
    public AvroNode[] Children { get; private set; } = [];

    /// <summary>
    /// Of a record: each field's name as JSON with what stands before and behind it. Of an enumeration: its symbols as JSON.
    /// </summary>
    public byte[][] Names { get; private set; } = [];

    /// <summary>Bytes of a fixed; −1 of what has a length of its own.</summary>
    public int Size { get; private set; } = -1;

    /// <summary>Decimals of a decimal.</summary>
    public int Scale { get; private set; }

    /// <summary>Of a timestamp's unit.</summary>
    public long Ticks { get; private set; }

    /// <summary>A schema's node.</summary>
    /// <param name="schema">The schema's JSON.</param>
    /// <param name="references">The JSON of the schemas whose types it uses, each behind those that it uses itself.</param>
    /// <returns>Null when it is no Avro schema.</returns>
    public static AvroNode? Parse(string schema, IReadOnlyCollection<string> references)
    {
        try
        {
            var parsed = references.Count == 0
                ? Schema.Parse(schema)
                : ((UnionSchema)Schema.Parse($"[{string.Join(',', references.Append(schema))}]"))[references.Count]; // so names are known
            return Create(parsed, []);
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            // The parser throws what its JSON library throws, too, and what comes of what it does not check.
            return null;
        }
    }

    private static AvroNode Create(Schema schema, Dictionary<string, AvroNode> named)
    {
        if (schema is NamedSchema { Fullname: var name } && named.TryGetValue(name, out var known))
        {
            return known;
        }

        switch (schema)
        {
            case LogicalSchema logical:
                return CreateLogical(logical, named);
            case RecordSchema record:
                var node = named[record.Fullname] = new AvroNode(AvroType.Record); // before its fields, which may be of it
                node.Children = [.. record.Fields.Select(field => Create(field.Schema, named))];
                node.Names = [.. record.Fields.Select((field, i) => Text((i == 0 ? "{" : ",") + Json(field.Name) + ":"))];
                return node;
            case EnumSchema symbols:
                return named[symbols.Fullname] = new AvroNode(AvroType.Enumeration)
                {
                    Names = [.. symbols.Symbols.Select(symbol => Text(Json(symbol)))],
                };
            case FixedSchema bytes:
                return named[bytes.Fullname] = new AvroNode(AvroType.Fixed) { Size = bytes.Size };
            case ArraySchema array:
                return new AvroNode(AvroType.Array) { Children = [Create(array.ItemSchema, named)] };
            case MapSchema map:
                return new AvroNode(AvroType.Map) { Children = [Create(map.ValueSchema, named)] };
            case UnionSchema union:
                return new AvroNode(AvroType.Union) { Children = [.. union.Schemas.Select(branch => Create(branch, named))] };
            default:
                return new AvroNode(schema.Tag switch
                {
                    Schema.Type.Null => AvroType.Null,
                    Schema.Type.Boolean => AvroType.Boolean,
                    Schema.Type.Int or Schema.Type.Long => AvroType.Integer,
                    Schema.Type.Float => AvroType.Float,
                    Schema.Type.Double => AvroType.Double,
                    Schema.Type.Bytes => AvroType.Bytes,
                    Schema.Type.String => AvroType.String,
                    _ => throw new AvroException($"a schema of {schema.Tag}"),
                });
        }
    }

    private static AvroNode CreateLogical(LogicalSchema logical, Dictionary<string, AvroNode> named)
    {
        var node = Create(logical.BaseSchema, named);
        if (node.Type == AvroType.Integer && TicksPerUnit.TryGetValue(logical.LogicalTypeName, out var ticks))
        {
            return new AvroNode(AvroType.Timestamp) { Ticks = ticks };
        }

        return logical.LogicalTypeName == "decimal" && node.Type is AvroType.Bytes or AvroType.Fixed
            ? new AvroNode(AvroType.Decimal) { Size = node.Size, Scale = ScaleOf(logical) }
            : node;
    }

    private static int ScaleOf(LogicalSchema logical) =>
        int.TryParse(logical.GetProperty("scale"), NumberStyles.None, CultureInfo.InvariantCulture, out var scale) ? scale : 0;

    private static string Json(string text) => JsonSerializer.Serialize(text);

    private static byte[] Text(string text) => Encoding.UTF8.GetBytes(text);
}
