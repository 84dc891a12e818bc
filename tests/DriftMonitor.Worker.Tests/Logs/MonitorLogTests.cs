using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using DriftMonitor.Worker.Logs;
using Microsoft.Extensions.Logging;

namespace DriftMonitor.Worker.Tests.Logs;

/// <summary>Every message has an event of its own, and all stand in one class and in one table.</summary>
public sealed partial class MonitorLogTests
{
    private static readonly string Source = Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker");

    private static readonly (MethodInfo Method, LoggerMessageAttribute Event)[] Messages =
    [
        .. from method in typeof(MonitorLog).GetMethods(BindingFlags.Public | BindingFlags.Static)
           let message = method.GetCustomAttribute<LoggerMessageAttribute>()
           where message is not null
           orderby message.EventId
           select (method, message),
    ];

    [Fact]
    public void Ids_and_names_are_unique()
    {
        Assert.True(Messages.Length > 70);
        Assert.Equal(Messages.Length, Messages.Select(message => message.Event.EventId).Distinct().Count());
        Assert.Equal(Messages.Length, Messages.Select(message => message.Method.Name).Distinct().Count());
        Assert.All(Messages, message => Assert.Null(message.Event.EventName)); // it is the method's
    }

    /// <summary>Whoever changes an id or a name sees here that others may count on it.</summary>
    [Fact]
    public void Table_has_every_event_with_its_level() => Assert.Equal(
        Messages.Select(message => string.Create(
            CultureInfo.InvariantCulture, $"{message.Event.EventId} {message.Method.Name} {LevelOf(message.Method, message.Event)}")),
        Row().Matches(File.ReadAllText(Path.Combine(Source, "Logs", "README.md")))
            .Select(row => $"{row.Groups[1]} {row.Groups[2]} {row.Groups[3]}"));

    [Fact]
    public void Ids_lie_in_the_range_of_their_room()
    {
        var ranges = Range().Matches(File.ReadAllText(Path.Combine(Source, "Logs", "README.md")))
            .ToDictionary(row => row.Groups[2].Value, row => row.Groups[1].Value);
        Assert.All(Directory.GetFiles(Path.Combine(Source, "Logs"), "MonitorLog.*.cs"), file => Assert.All(
            EventId().Matches(File.ReadAllText(file)),
            id => Assert.Equal(ranges[Path.GetFileName(file).Split('.')[1]], id.Groups[1].Value)));
        Assert.Equal(ranges.Count, ranges.Values.Distinct().Count());
    }

    /// <summary>So the room of messages knows no other.</summary>
    [Fact]
    public void Arguments_are_values_of_the_framework() => Assert.All(
        Messages.SelectMany(message => message.Method.GetParameters()),
        parameter => Assert.DoesNotContain("DriftMonitor", parameter.ParameterType.FullName, StringComparison.Ordinal));

    [Fact]
    public void Nothing_is_logged_in_another_way()
    {
        var others = Directory.EnumerateFiles(Path.GetDirectoryName(Source)!, "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Split(Path.DirectorySeparatorChar).Any(part => part is "bin" or "obj"))
            .Where(file => !Path.GetFileName(file).StartsWith("MonitorLog.", StringComparison.Ordinal))
            .Where(file => OtherWay().IsMatch(File.ReadAllText(file)));
        Assert.Empty(others);
    }

    [Theory]
    [InlineData("log.LogWarning(\"x\")", true)]
    [InlineData("services.Get<ILogger>()\n    .LogDebug(fault, \"x\")", true)]
    [InlineData("log.Log(level, \"x\")", true)]
    [InlineData("_logger.Log(level, \"x\")", true)]
    [InlineData("[LoggerMessage(1, LogLevel.Debug, \"x\")]", true)]
    [InlineData("LoggerMessage.Define<string>(LogLevel.Debug, 1, \"x\")", true)]
    [InlineData("Math.Log(x)", false)]
    [InlineData("errors.Log(message)", false)]
    [InlineData("log.LogReplaced(partition, 1, 2)", false)]
    public void Another_way_is_found(string source, bool isFound) => Assert.Equal(isFound, OtherWay().IsMatch(source));

    private static string LevelOf(MethodInfo method, LoggerMessageAttribute message) =>
        Array.Exists(method.GetParameters(), parameter => parameter.ParameterType == typeof(LogLevel)) ? "varies" : $"{message.Level}";

    [GeneratedRegex(@"^\| (\d{4}) \| `(\w+)` \| (\w+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"^\| (\d\d)\d\d to \d{4} \| `(\w+)` \|", RegexOptions.Multiline)]
    private static partial Regex Range();

    [GeneratedRegex(@"LoggerMessage\((?:EventId = )?(\d\d)\d\d,")]
    private static partial Regex EventId();

    [GeneratedRegex(@"\.Log(Trace|Debug|Information|Warning|Error|Critical)\(|\b_?[lL]og(ger)?\s*\.Log\(|\bLoggerMessage(\.Define|\()")]
    private static partial Regex OtherWay();
}
