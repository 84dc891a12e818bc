using System.Globalization;
using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests;

/// <summary>
/// Decisions are records beside the code that they are about: each has a date, context, decision and consequences, and a row in the index
/// of the design. (Lists of documents: DocumentTests.)
/// </summary>
public sealed partial class DecisionTests
{
    private const int Columns = 140;
    private static readonly string[] CodeFolders = ["src", "tests", "dashboards"];
    private static readonly string Sources = Path.Combine(RepositoryFiles.Root, "src");
    private static readonly string Dashboards = Path.Combine(RepositoryFiles.Root, "dashboards");

    [Fact]
    public void Every_record_has_its_date_and_its_three_parts_in_order() =>
        Assert.Empty(Files().SelectMany(
            file => Misshapen(File.ReadAllText(file)).Select(title => $"{Path.GetRelativePath(RepositoryFiles.Root, file)}: {title}")));

    [Fact]
    public void Records_of_a_file_are_in_the_order_of_their_dates() => Assert.All(Files(), file =>
    {
        var dates = Sections(File.ReadAllText(file)).Select(section => section.Split('\n')[1]).ToList();
        Assert.NotEmpty(dates);
        Assert.Equal(dates.Order(StringComparer.Ordinal), dates);
    });

    [Fact]
    public void Lines_have_at_most_140_columns() =>
        Assert.DoesNotContain(Files().SelectMany(File.ReadAllLines), line => line.Length > Columns);

    [Fact]
    public void The_index_has_a_row_for_every_record_and_no_other()
    {
        var index = File.ReadAllText(Path.Combine(Sources, "README.md"))
            .Split("\n## ")
            .Single(section => section.StartsWith("Decisions\n", StringComparison.Ordinal));
        Assert.Equal(
            Files()
                .SelectMany(file => Sections(File.ReadAllText(file)).Select(section => Row(file, section)))
                .Order(StringComparer.Ordinal),
            index.Split('\n').Where(line => line.StartsWith('|')).Skip(2).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void What_records_name_is_in_the_code()
    {
        var names = Files()
            .SelectMany(file => Name().Matches(File.ReadAllText(file)))
            .SelectMany(name => name.Groups[1].Value.Split('.', ':'))
            .ToHashSet(StringComparer.Ordinal);
        Assert.True(names.Count > 50);
        names.ExceptWith(Code().SelectMany(file => Word().Matches(File.ReadAllText(file))).Select(word => word.Value));
        Assert.Empty(names);
    }

    [Theory]
    [InlineData(true, "2026-11-23", "**Context.** A.", "**Decision.** B\nC.", "**Consequences.** D.")]
    [InlineData(false, "2026-11-31", "**Context.** A.", "**Decision.** B.", "**Consequences.** D.")]
    [InlineData(false, "November", "**Context.** A.", "**Decision.** B.", "**Consequences.** D.")]
    [InlineData(false, "2026-11-23", "**Decision.** B.", "**Context.** A.", "**Consequences.** D.")]
    [InlineData(false, "2026-11-23", "**Context.** A.", "**Decision.** B.")]
    [InlineData(false, "2026-11-23", "**Context.** A.", "**Decision.** B.", "**Consequences.**")]
    [InlineData(false, "2026-11-23", "**Context.** A.", "**Decision.** B.", "More.", "**Consequences.** D.")]
    public void A_record_of_another_form_is_found(bool isRecord, string date, params string[] parts) => Assert.Equal(
        isRecord ? null : "B is done",
        Misshapen($"# Decisions\n\n## A is done\n2026-11-23\n\n**Context.** A.\n\n**Decision.** B.\n\n**Consequences.** C.\n\n"
            + $"## B is done\n{date}\n\n{string.Join("\n\n", parts)}\n").SingleOrDefault());

    private static List<string> Files()
    {
        var files = new[] { Sources, Dashboards }
            .SelectMany(folder => Directory.EnumerateFiles(folder, "Decisions.md", SearchOption.AllDirectories))
            .Order(StringComparer.Ordinal)
            .ToList();
        Assert.True(files.Count > 20);
        return files;
    }

    private static IEnumerable<string> Code() => CodeFolders
        .SelectMany(
            folder => Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, folder), "*", SearchOption.AllDirectories))
        .Where(file => Path.GetExtension(file) is ".cs" or ".razor" or ".yml")
        .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"));

    /// <summary>The records of a file, each from its title on.</summary>
    private static IEnumerable<string> Sections(string text) => text.Split("\n## ").Skip(1);

    /// <summary>The titles of the records that have another form.</summary>
    private static IEnumerable<string> Misshapen(string text) => Sections(text)
        .Where(section => Form().Match(section) is not { Success: true } form
            || !DateOnly.TryParseExact(form.Groups[1].Value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _))
        .Select(section => section.Split('\n')[0]);

    private static string Row(string file, string section)
    {
        var (title, date) = (section.Split('\n')[0], section.Split('\n')[1]);
        var folder = Path.GetRelativePath(file.StartsWith(Sources, StringComparison.Ordinal) ? Sources : RepositoryFiles.Root, file);
        var link = $"{Path.GetRelativePath(Sources, file)}#{DocumentTests.AnchorOf(title)}";
        return $"| {Path.GetDirectoryName(folder)} | [{title}]({link}) | {date} |";
    }

    [GeneratedRegex(
        @"\A[^\n]+\n(\d{4}-\d{2}-\d{2})\n\n\*\*Context\.\*\* [\w`].*(?:\n.+)*\n\n\*\*Decision\.\*\* [\w`].*(?:\n.+)*\n\n"
        + @"\*\*Consequences\.\*\* [\w`].*(?:\n.+)*\n*\z")]
    private static partial Regex Form();

    /// <summary>A name of the code, perhaps with its parts: NoiseFloor, PaneSums.MaxDenseCells, Limits:Models.</summary>
    [GeneratedRegex("`([A-Z][a-z]+[A-Za-z0-9]*(?:[.:][A-Z][A-Za-z0-9]*)*)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
