using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests;

/// <summary>The one thing of <c>dotnet format</c> that neither the build nor <c>dotnet format whitespace</c> looks at.</summary>
public sealed partial class UsingOrderTests
{
    private static readonly string[] Sources = ["src", "tests"];

    [Fact]
    public void Usings_are_in_order_in_every_file()
    {
        var files = Sources.SelectMany(directory => Directory.EnumerateFiles(Path.Combine(RepositoryFiles.Root, directory), "*.cs", SearchOption.AllDirectories))
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .ToList();
        Assert.True(files.Count > 100);
        Assert.DoesNotContain(files, file => !IsInOrder(File.ReadAllText(file)));
    }

    [Theory]
    [InlineData(true, "using System.Text;\nusing Confluent.Kafka;\nusing static System.Math;\nusing A = System.Text;\n")]
    [InlineData(false, "using Confluent.Kafka;\nusing System.Text;\n")]
    [InlineData(false, "using System.Text;\nusing System.Globalization;\n")]
    [InlineData(false, "using static System.Math;\nusing System;\n")]
    public void Order_is_namespaces_statics_aliases_and_System_first(bool inOrder, string source) => Assert.Equal(inOrder, IsInOrder(source));

    private static bool IsInOrder(string source)
    {
        var usings = Using().Matches(source).Select(match => match.Groups[1].Value).ToList();
        return usings.SequenceEqual(usings
            .OrderBy(name => name.Contains('=', StringComparison.Ordinal) ? 2 : name.StartsWith("static ", StringComparison.Ordinal) ? 1 : 0)
            .ThenBy(name => !Regex.IsMatch(name, @"^(static )?System\b"))
            .ThenBy(name => name, StringComparer.OrdinalIgnoreCase));
    }

    [GeneratedRegex(@"^using ([^(;]+);$", RegexOptions.Multiline)]
    private static partial Regex Using();
}
