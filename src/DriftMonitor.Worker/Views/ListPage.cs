namespace DriftMonitor.Worker.Views;

/// <summary>A page of a list.</summary>
/// <param name="Items">What is on it.</param>
/// <param name="Total">How many there are on all pages.</param>
/// <param name="Page">Which page it is, from 1.</param>
/// <param name="Pages">How many pages there are, at least 1.</param>
internal sealed record ListPage<T>(ImmutableArray<T> Items, int Total, int Page, int Pages)
{
    /// <summary>How many items a page has when nobody asks for another number.</summary>
    public const int DefaultSize = 50;

    /// <summary>How many it may have.</summary>
    public const int MaxSize = 500;

    /// <summary>The page of a list; the last one where it has fewer.</summary>
    public static ListPage<T> Of(IReadOnlyList<T> all, int? page, int? size)
    {
        var perPage = Math.Clamp(size ?? DefaultSize, 1, MaxSize);
        var pages = Math.Max(1, (all.Count + perPage - 1) / perPage);
        var shown = Math.Clamp(page ?? 1, 1, pages);
        return new([.. all.Skip((shown - 1) * perPage).Take(perPage)], all.Count, shown, pages);
    }
}
