namespace DriftMonitor.Worker.Formats;

/// <summary>What the elements of a tensor are, by the Open Inference Protocol.</summary>
internal enum TensorType
{
    /// <summary>The response does not tell.</summary>
    Unknown,
    Bool,
    UInt8,
    UInt16,
    UInt32,
    UInt64,
    Int8,
    Int16,
    Int32,
    Int64,
    Float16,
    BFloat16,
    Float32,
    Float64,

    /// <summary>Texts.</summary>
    Bytes,
}
