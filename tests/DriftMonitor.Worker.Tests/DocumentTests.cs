using System.Text.RegularExpressions;
using DriftMonitor.Worker.Tests.Commands;

namespace DriftMonitor.Worker.Tests;

/// <summary>The first page stays short, links between documents lead to files and headings, and commands in them exist.</summary>
public sealed partial class DocumentTests
{
    private static readonly string FirstPage = Path.Combine(RepositoryFiles.Root, "README.md");

    [Fact]
    public void The_first_page_has_at_most_150_lines_of_140_columns()
    {
        var lines = File.ReadAllLines(FirstPage);
        Assert.InRange(lines.Length, 1, 150);
        Assert.DoesNotContain(lines, line => line.Length > 140 && line[0] != '|' && !LinkAlone().IsMatch(line));
    }

    [Fact]
    public void Every_relative_link_leads_to_a_file_and_its_anchor_to_a_heading() =>
        Assert.Empty(Files().SelectMany(file => Broken(file, File.ReadAllText(file))));

    [Fact]
    public void Every_document_is_listed_on_the_first_page_or_as_a_decision_in_the_design()
    {
        var listed = Linked(FirstPage)
            .Concat(
                Linked(Path.Combine(RepositoryFiles.Root, "src", "README.md")).Where(file => Path.GetFileName(file) == "Decisions.md"))
            .ToHashSet();
        var runbooks = Path.Combine(RepositoryFiles.Root, "dashboards", "runbooks", "Mo");
        Assert.DoesNotContain(
            Files(), file => file != FirstPage && !file.StartsWith(runbooks, StringComparison.Ordinal) && !listed.Contains(file));

        static IEnumerable<string> Linked(string page) => Links(File.ReadAllText(page))
            .Select(link => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page)!, link.Split('#')[0])));
    }

    [Fact]
    public async Task Every_command_that_is_shown_exists_with_its_options()
    {
        var lines = Files().SelectMany(file => Shell().Matches(File.ReadAllText(file)))
            .SelectMany(block => CommandLine().Matches(Continued().Replace(block.Value, " ")))
            .Select(line => line.Groups[1].Value)
            .ToList();
        Assert.True(lines.Count > 15);
        foreach (var line in lines)
        {
            var words = line.Split(' ');
            var command = words[..(words[0] is "reference" or "alarm" ? 2 : 1)];
            var (exitCode, help, _) = await DriftMonitorConsole.RunAsync([.. command, "--help"]);
            Assert.Equal((line, 0), (line, exitCode));
            Assert.All(Option().Matches(line), option => Assert.Matches($"{option.Value}(?![a-z-])", help));
        }
    }

    [Theory]
    [InlineData("[a](README.md#the-demo-and-more)")]
    [InlineData("[a](https://example.com/nothing#here)")]
    [InlineData("```\n[a](nothing.md)\n```")]
    [InlineData("`[a](nothing.md)`")]
    [InlineData("# The `demo`, and more\n## The demo and more\n[a](#the-demo-and-more-1)")]
    [InlineData("[a](nothing.md)", "nothing.md")]
    [InlineData("[several\nlines](nothing.md)", "nothing.md")]
    [InlineData("![a](nothing.png)", "nothing.png")]
    [InlineData("[a](README.md#nothing)", "README.md#nothing")]
    [InlineData("```\n# Nothing\n```\n[a](#nothing)", "#nothing")]
    public void A_broken_link_is_found(string text, params string[] broken)
    {
        var directory = Directory.CreateTempSubdirectory();
        var page = Path.Combine(directory.FullName, "PAGE.md");
        File.WriteAllText(page, text);
        File.WriteAllText(Path.Combine(directory.FullName, "README.md"), "## The *demo*, and more");
        Assert.Equal(broken, Broken(page, text).Select(found => found.Link));
        directory.Delete(recursive: true);
    }

    /// <summary>The anchor that GitHub gives the first heading of a name.</summary>
#pragma warning disable CA1308 // anchors are lower case
    internal static string AnchorOf(string heading) => NotInAnchors().Replace(heading.ToLowerInvariant(), "").Replace(' ', '-');
#pragma warning restore CA1308

    private static List<string> Files()
    {
        var files = new DirectoryInfo(RepositoryFiles.Root)
            .EnumerateFiles("*.md", SearchOption.AllDirectories)
            .Select(file => file.FullName)
            .Where(file => !Path.GetRelativePath(RepositoryFiles.Root, file).Split(Path.DirectorySeparatorChar)
                .Any(part => part is "bin" or "obj" or "node_modules" || part[0] == '.'))
            .ToList();
        Assert.True(files.Count > 50);
        return files;
    }

    private static IEnumerable<(string File, string Link)> Broken(string file, string text)
    {
        foreach (var link in Links(text))
        {
            var parts = link.Split('#', 2);
            var target = parts[0] is "" ? file : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, parts[0]));
            if (!Path.Exists(target) || (parts.Length > 1 && !Anchors(File.ReadAllText(target)).Contains(parts[1])))
            {
                yield return (Path.GetRelativePath(RepositoryFiles.Root, file), link);
            }
        }
    }

    private static IEnumerable<string> Links(string text) => Link()
        .Matches(Code().Replace(Fence().Replace(text, ""), "x"))
        .Select(match => match.Groups[1].Value)
        .Where(link => !link.Contains(':', StringComparison.Ordinal));

    /// <summary>The anchors that GitHub gives headings, the second of a name with -1 behind it.</summary>
    private static HashSet<string> Anchors(string text)
    {
        var anchors = new HashSet<string>(StringComparer.Ordinal);
        foreach (Match heading in Heading().Matches(Fence().Replace(text, "")))
        {
            var name = AnchorOf(heading.Groups[1].Value);
            for (var (anchor, copies) = (name, 0); !anchors.Add(anchor);)
            {
                anchor = $"{name}-{++copies}";
            }
        }

        return anchors;
    }

    [GeneratedRegex(@"^ *```.*?^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^ *```sh$.*?^ *```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Shell();

    [GeneratedRegex(@"^ *(?:driftmonitor|dotnet run --project src/DriftMonitor\.Worker --) ([a-z].*)$", RegexOptions.Multiline)]
    private static partial Regex CommandLine();

    [GeneratedRegex(@"\\\n *")]
    private static partial Regex Continued();

    [GeneratedRegex("(?<= )--[a-z-]+")]
    private static partial Regex Option();

    [GeneratedRegex("`[^`\n]+`")]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^[\s-]*!?\[[^\]]*\]\([^)]*\)[.,;)]*$")]
    private static partial Regex LinkAlone();

    [GeneratedRegex("^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchors();
}
