using Spectre.Console;
using Spectre.Console.Rendering;

namespace DriftMonitor.Worker.Commands;

/// <summary>A table as it is read where it does not fit: a block of lines for each row, each line a column's name and the cell.</summary>
internal static class Cards
{
    private const int Wide = 10_000;

    /// <summary>The table itself where no word of it has to be broken, else its rows below each other.</summary>
    public static IRenderable Fitting(IRenderable part, IAnsiConsole screen)
    {
        if (part is not Table table || LeastWidth(table, screen) <= screen.Profile.Width)
        {
            return part;
        }

        var cards = new List<IRenderable>();
        foreach (var row in table.Rows)
        {
            var card = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
            foreach (var (column, cell) in table.Columns.Zip(row))
            {
                card.AddRow(column.Header, cell);
            }

            cards.AddRange([card, new Text("")]);
        }

        return new Rows(cards);
    }

    private static int LeastWidth(IRenderable table, IAnsiConsole screen) =>
        table.Measure(RenderOptions.Create(screen, screen.Profile.Capabilities), Wide).Min;
}
