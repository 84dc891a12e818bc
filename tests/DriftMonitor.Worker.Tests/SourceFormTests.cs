using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests;

/// <summary>What neither the build nor <c>dotnet format whitespace</c> looks at: the order of usings, and the length of lines.</summary>
public sealed partial class SourceFormTests
{
    private const int Columns = 140; // max_line_length in .editorconfig
    private static readonly string[] Sources = ["src", "tests"];

    [Fact]
    public void Usings_are_in_order_in_every_file() => Assert.DoesNotContain(Files(), file => !IsInOrder(File.ReadAllText(file)));

    [Fact]
    public void Lines_have_at_most_140_columns()
    {
        var tooLong = Files().SelectMany(
            file => TooLong(File.ReadAllText(file)).Select(line => $"{Path.GetRelativePath(RepositoryFiles.Root, file)}:{line}"));
        Assert.Empty(tooLong);
    }

    [Fact]
    public void A_long_line_is_found_unless_it_is_a_literal_that_cannot_be_broken()
    {
        var longer = new string('x', Columns);
        Assert.Equal([2, 7], TooLong($$"""""
            var a = 1;
            var {{longer}} = 2;
            Send("""{{longer}}""");
            var payload = $$"""
                {{longer}}
                """;
            // {{longer}}
            """""));
    }

    [Theory]
    [InlineData(true, "using System.Text;\nusing Confluent.Kafka;\nusing static System.Math;\nusing A = System.Text;\n")]
    [InlineData(false, "using Confluent.Kafka;\nusing System.Text;\n")]
    [InlineData(false, "using System.Text;\nusing System.Globalization;\n")]
    [InlineData(false, "using static System.Math;\nusing System;\n")]
    public void Order_is_namespaces_statics_aliases_and_System_first(bool inOrder, string source) =>
        Assert.Equal(inOrder, IsInOrder(source));

    private static List<string> Files()
    {
        var files = Sources.SelectMany(
            directory => Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, directory), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .ToList();
        Assert.True(files.Count > 100);
        return files;
    }

    /// <summary>
    /// The numbers of the lines that are too long; a raw literal, of one line or of several, is as long as what it holds.
    /// </summary>
    private static IEnumerable<int> TooLong(string source)
    {
        var inLiteral = false;
        foreach (var (index, line) in source.Split('\n').Index())
        {
            var quotes = RawQuotes().Count(line);
            if (line.Length > Columns && !inLiteral && quotes < 2)
            {
                yield return index + 1;
            }

            inLiteral ^= quotes % 2 == 1;
        }

        Assert.False(inLiteral, $"a literal that does not end:\n{source}");
    }

    private static bool IsInOrder(string source)
    {
        var usings = Using().Matches(source).Select(match => match.Groups[1].Value).ToList();
        return usings.SequenceEqual(usings
            .OrderBy(
                name => name.Contains('=', StringComparison.Ordinal) ? 2 : name.StartsWith("static ", StringComparison.Ordinal) ? 1 : 0)
            .ThenBy(name => !Regex.IsMatch(name, @"^(static )?System\b"))
            .ThenBy(name => name, StringComparer.OrdinalIgnoreCase));
    }

    [GeneratedRegex("\"{3,}")]
    private static partial Regex RawQuotes();

    [GeneratedRegex(@"^using ([^(;]+);$", RegexOptions.Multiline)]
    private static partial Regex Using();
}
