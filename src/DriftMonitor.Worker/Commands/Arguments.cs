using System.CommandLine;
using System.CommandLine.Parsing;
using System.Numerics;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Commands;

/// <summary>Options that several commands have, each with one line for what is not allowed.</summary>
internal static class Arguments
{
    /// <summary>What stands for standard input in place of a file.</summary>
    public const string StandardInput = "-";

    public static Option<FileInfo> File(string name, string description, bool required = true, bool orInput = false)
    {
        var option = new Option<FileInfo>(name) { Description = description, HelpName = "FILE", Required = required };
        option.Validators.Add(result => MustExist(name, result, orInput));
        return option;
    }

    /// <summary>Segments to compare with the rest of their model's traffic, which <see cref="ReadSegments"/> reads.</summary>
    public static Option<string[]> Segments(string otherwise) => new("--compare-with-rest")
    {
        HelpName = "SEGMENT",
        Description = "A segment to compare with the rest of its model's traffic, such as a canary. Can be given more than once."
            + otherwise,
    };

    /// <summary>What was given, each once.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="segments">The option.</param>
    /// <param name="problems">Takes what is wrong, a line each.</param>
    public static ImmutableArray<string> ReadSegments(ParseResult parsed, Option<string[]> segments, List<string> problems)
    {
        ImmutableArray<string> given = [.. (parsed.GetValue(segments) ?? []).Distinct(StringComparer.Ordinal)];
        problems.AddRange(
            from segment in given
            where !JsonNames.IsLabel(segment) || SeriesKey.IsReserved(segment)
            select $"{segments.Name} = '{segment}': must be {ModelOptions.SegmentAllowed}");
        return given;
    }

    public static Option<FileInfo[]> Files(string name, string description, bool orInput)
    {
        var option = new Option<FileInfo[]>(name) { Description = description, HelpName = "FILE…", AllowMultipleArgumentsPerToken = true };
        option.Validators.Add(result => MustExist(name, result, orInput));
        return option;
    }

    public static Argument<FileInfo> FileArgument(string name, string description)
    {
        var argument = new Argument<FileInfo>(name) { Description = description };
        argument.Validators.Add(result => MustExist(name, result));
        return argument;
    }

    /// <summary>A duration, null when left out.</summary>
    public static Option<TimeSpan?> Duration(string name, string description, bool orNothing = false) => new(name)
    {
        Description = description,
        HelpName = "DURATION",
        CustomParser = result =>
        {
            var text = Text(result);
            if (ValidationRules.IsDuration(text, orNothing))
            {
                return ValidationRules.ParseDuration(text);
            }

            result.AddError($"{name} = '{text}': must be a whole number of ms, s, m, h or d, up to 36500d, such as 10s");
            return null;
        },
    };

    /// <summary>Windows as the service has them, null when left out.</summary>
    public static Option<ImmutableArray<WindowSpec>?> Windows(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "LENGTH/SLIDE,…",
        CustomParser = result =>
        {
            var problems = new List<string>();
            var windows = WindowOptions.ReadSpans(Text(result).Split(',', StringSplitOptions.TrimEntries), problems);
            problems.ForEach(problem => result.AddError($"{name}: {problem}"));
            return windows;
        },
    };

    /// <summary>How often alarms may be false (<c>critical: 1 per 30d, warning: 1 per 7d</c>), null when left out.</summary>
    public static Option<BacktestSetting?> Budget(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "BUDGET",
        CustomParser = result =>
        {
            var text = Text(result);
            if (BacktestSetting.TryParseBudget(text, out var setting, out var problem))
            {
                return setting;
            }

            result.AddError($"{name} = '{text}': {problem}");
            return null;
        },
    };

    public static Option<T> Number<T>(string name, string description, T value, T least, T most)
        where T : struct, INumber<T> => new(name)
        {
            Description = description,
            HelpName = "NUMBER",
            DefaultValueFactory = _ => value,
            CustomParser = result =>
            {
                var text = Text(result);
                if (T.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most)
                {
                    return number;
                }

                result.AddError(FormattableString.Invariant($"{name} = '{text}': must be a number from {least} to {most}"));
                return value;
            },
        };

    private static void MustExist(string name, SymbolResult result, bool orInput = false)
    {
        bool IsThere(string path) => (orInput && path == StandardInput) || System.IO.File.Exists(path);
        foreach (var token in result.Tokens.Where(token => !IsThere(token.Value)))
        {
            result.AddError($"{name} = '{token.Value}': {(Directory.Exists(token.Value) ? "is a directory" : Missing(token.Value))}");
        }
    }

    /// <summary>There is no such file, but there may be one with nearly that name beside it.</summary>
    private static string Missing(string path)
    {
        const string problem = "there is no such file";
        var given = Path.GetFileName(path);
        try
        {
            if (path.Length == 0 || Path.GetDirectoryName(Path.GetFullPath(path)) is not { } directory || !Directory.Exists(directory))
            {
                return problem;
            }

            var nearest = NearestName.Of(given, Directory.EnumerateFiles(directory).Select(file => Path.GetFileName(file)!));
            return nearest is null ? problem : $"{problem}; did you mean {DisplayText.Of(path[..^given.Length] + nearest)}?";
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return problem; // what may not be listed has no names to offer
        }
    }

    private static string Text(ArgumentResult result) => result.Tokens.Count > 0 ? result.Tokens[^1].Value : "";
}
