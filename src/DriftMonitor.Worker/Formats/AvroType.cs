namespace DriftMonitor.Worker.Formats;

/// <summary>How a value of an Avro schema is written, and what it becomes in JSON.</summary>
internal enum AvroType
{
    Null,
    Boolean,

    /// <summary>An int or a long.</summary>
    Integer,

    /// <summary>A long that is a time; it becomes a text by RFC 3339, so that it needs no unit.</summary>
    Timestamp,
    Float,
    Double,

    /// <summary>Bytes, which become text in base 64.</summary>
    Bytes,
    Fixed,

    /// <summary>Bytes or fixed that are a number with as many decimals as the schema says.</summary>
    Decimal,
    String,
    Enumeration,
    Array,
    Map,
    Record,
    Union,
}
