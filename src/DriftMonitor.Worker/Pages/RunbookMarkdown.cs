using System.Text.RegularExpressions;
using Markdig;
using Markdig.Extensions.AutoIdentifiers;
using Markdig.Syntax;
using Markdig.Syntax.Inlines;

namespace DriftMonitor.Worker.Pages;

/// <summary>
/// Turns the Markdown of runbooks into HTML. HTML in the Markdown is text; headings have the anchors that GitHub gives them.
/// </summary>
internal static partial class RunbookMarkdown
{
    private static readonly MarkdownPipeline Pipeline =
        new MarkdownPipelineBuilder().UsePipeTables().UseAutoIdentifiers(AutoIdentifierOptions.GitHub).DisableHtml().Build();

    /// <param name="links">What takes the place of <c>NAME.md</c> in a link, by the name.</param>
    public static string ToHtml(string markdown, Func<string, string> links)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var link in document.Descendants<LinkInline>())
        {
            link.Url = FileName().Replace(link.Url ?? "", match => links(match.Groups[1].Value));
        }

        return document.ToHtml(Pipeline);
    }

    [GeneratedRegex(@"^(\w+)\.md(?=#|$)")]
    private static partial Regex FileName();
}
