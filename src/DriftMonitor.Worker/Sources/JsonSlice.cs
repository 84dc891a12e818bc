namespace DriftMonitor.Worker.Sources;

/// <summary>A value's place in the text of a document; the default is none.</summary>
/// <param name="Start">Where its bytes begin, a string's at the quotation mark.</param>
/// <param name="Length">How many bytes it has.</param>
/// <param name="Type">Its first token.</param>
internal readonly record struct JsonSlice(int Start, int Length, JsonTokenType Type)
{
    /// <summary>Whether there is a value; null is none.</summary>
    public bool HasValue => Type is not (JsonTokenType.None or JsonTokenType.Null);
}
