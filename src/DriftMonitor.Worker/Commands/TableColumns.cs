using Spectre.Console;

namespace DriftMonitor.Worker.Commands;

/// <summary>Columns of numbers.</summary>
internal static class TableColumns
{
    /// <summary>Adds columns whose cells are flush right.</summary>
    public static Table AddNumbers(this Table table, params ReadOnlySpan<string> headers)
    {
        foreach (var header in headers)
        {
            table.AddColumn(new TableColumn(header).RightAligned());
        }

        return table;
    }
}
