using System.Reflection;
using DriftMonitor.Worker.Pages.Screens;

namespace DriftMonitor.Worker.Pages;

/// <summary>
/// The runbooks of <c>dashboards/runbooks</c>, which the program brings. They are rendered when the first one is asked for.
/// </summary>
internal static class Runbooks
{
    /// <summary>The runbook that says what all others have in common; the list of all stands in it.</summary>
    private const string Common = "README";

    private const string Prefix = "runbooks/";
    private static readonly Assembly Program = typeof(Runbooks).Assembly;

    private static readonly Lazy<ImmutableSortedDictionary<string, Page>> Pages = new(() => Names.ToImmutableSortedDictionary(
        name => name,
        name => new Page(name, RunbookScreen.Of($"<p><a href=\"../runbooks\">All runbooks</a></p>\n{Render(name, InRunbook)}"))
        {
            Room = PageRoom.Runbooks,
            Root = "../",
        },
        StringComparer.Ordinal));

    private static readonly Lazy<Page> ListPage = new(
        () => new Page("Runbooks", RunbookScreen.Of(WithList(Render(Common, InList)))) { Room = PageRoom.Runbooks });

    /// <summary>The names of the runbooks, in order.</summary>
    public static ImmutableArray<string> Names { get; } =
    [
        .. Program.GetManifestResourceNames()
            .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(resource => resource[Prefix.Length..])
            .Where(name => name != Common)
            .Order(StringComparer.Ordinal),
    ];

    /// <summary>The page at <c>/runbooks</c>.</summary>
    public static Page List => ListPage.Value;

    /// <summary>The page at <c>/runbooks/NAME</c>; null for a name that no runbook has.</summary>
    public static Page? Find(string name) => Pages.Value.GetValueOrDefault(name);

    private static string InRunbook(string name) => name == Common ? "../runbooks" : name;

    private static string InList(string name) => name == Common ? "" : $"runbooks/{name}";

    private static string Render(string name, Func<string, string> links)
    {
        using var text = new StreamReader(Program.GetManifestResourceStream(Prefix + name)!);
        return RunbookMarkdown.ToHtml(text.ReadToEnd(), links);
    }

    /// <summary>Puts the list before the first section.</summary>
    private static string WithList(string html)
    {
        var items = Names.Select(name => $"<li><a href=\"{InList(name)}\">{name}</a></li>\n");
        return html.Insert(html.IndexOf("<h2", StringComparison.Ordinal), $"<ul class=\"names\">\n{string.Concat(items)}</ul>\n");
    }
}
