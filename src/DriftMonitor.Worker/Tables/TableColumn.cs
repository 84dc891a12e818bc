namespace DriftMonitor.Worker.Tables;

/// <summary>A column of a table that is read.</summary>
/// <param name="Index">Which of the table's columns it is.</param>
/// <param name="Group">The object that it is a member of; null for the row itself.</param>
/// <param name="Name">What the member is called.</param>
/// <param name="IsText">Whether what looks like a number is text all the same: an id.</param>
internal sealed record TableColumn(int Index, string? Group, string Name, bool IsText)
{
    public JsonEncodedText Member { get; } = JsonEncodedText.Encode(Name);
}
