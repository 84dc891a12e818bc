using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Join;
using DriftMonitor.Worker.References;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DriftMonitor.Worker.Commands;

/// <summary>What a command writes to: its result to standard output, everything else to standard error.</summary>
internal sealed class CommandConsole
{
    /// <summary>Something is wrong with what was given, or with what was read; standard error says what.</summary>
    public const int FailureExitCode = 1;

    private const int UnseenWidth = 240; // nobody's window: tables are read by other programs or scrolled sideways

    /// <remarks>Standard output, as bytes and as text, and standard error. What is seen goes to a terminal.</remarks>
    public CommandConsole(Stream bytes, TextWriter output, TextWriter error, bool isOutputSeen, bool isErrorSeen)
    {
        (Bytes, Output, Error, IsOutputSeen) = (bytes, output, error, isOutputSeen);
        Screen = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isOutputSeen ? AnsiSupport.Detect : AnsiSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        ErrorScreen = isErrorSeen ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(error) }) : null;
        if (!isOutputSeen)
        {
            Screen.Profile.Width = UnseenWidth;
        }
    }

    /// <summary>Standard input, as bytes.</summary>
    public Stream Input { get; init; } = Stream.Null;

    public Stream Bytes { get; }

    public TextWriter Output { get; }

    public TextWriter Error { get; }

    public bool IsOutputSeen { get; }

    /// <summary>Standard output, for tables and pictures.</summary>
    public IAnsiConsole Screen { get; }

    /// <summary>Standard error, for progress; null when nobody can see it.</summary>
    public IAnsiConsole? ErrorScreen { get; }

    /// <summary>Faults that the user can mend are told in a line each on standard error, without a stack trace.</summary>
    /// <returns>The exit code.</returns>
    public async Task<int> TellFaultsAsync(Func<Task<int>> command)
    {
        try
        {
            return await command();
        }
        catch (InvalidConfigurationException problem)
        {
            foreach (var line in problem.Problems)
            {
                Tell(line);
            }
        }
        catch (InvalidDataException problem)
        {
            Tell($"{problem.Message} {problem.GetBaseException().Message}"); // a configuration file that is no JSON: which, and where in it
        }
        catch (Exception problem) when (problem is InvalidReferenceException
            or Kafka.InvalidClientException
            or Kafka.SchemaRegistryUnavailable
            or IOException
            or UnauthorizedAccessException
            or Confluent.Kafka.KafkaException)
        {
            Tell(problem.Message);
        }

        return FailureExitCode;
    }

    /// <inheritdoc cref="TellFaultsAsync"/>
    public Task<int> TellFaults(Func<int> command) => TellFaultsAsync(() => Task.FromResult(command()));

    /// <summary>Reports what to do about recorded labels that count in no window, all of a model's for one reason.</summary>
    public void TellUnmatched(ReplayFeedback? labels)
    {
        if (labels is null)
        {
            return;
        }

        foreach (var ((model, reason), count) in labels.Unmatched.OrderBy(one => one.Key.Model, StringComparer.Ordinal)
            .ThenBy(one => one.Key.Reason))
        {
            if (UnmatchedRemedies.Of(reason) is { } remedy)
            {
                Tell(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{count} labels of {model} count in no window ({SnakeCaseName.Of(reason)}): {remedy}"));
            }
        }
    }

    /// <summary>A part of the result with columns or lines of its own. A table that is too wide is shown as <see cref="Cards"/>.</summary>
    public void Show(IRenderable part) => Screen.Write(Cards.Fitting(part, Screen));

    /// <summary>A line of the result. Where somebody sees it, it is broken between words; elsewhere it stays one line.</summary>
    public void Say(string line) => Write(Output, IsOutputSeen ? Screen : null, line);

    /// <summary>A line beside the result, on standard error, broken likewise.</summary>
    public void Note(string line) => Write(Error, ErrorScreen, line);

    /// <summary>What is wrong, on standard error, with the program's name before it.</summary>
    public void Tell(string line) => Note($"driftmonitor: {DisplayText.Lines(line)}");

    private static void Write(TextWriter plain, IAnsiConsole? screen, string line)
    {
        if (screen is null)
        {
            plain.WriteLine(line);
            return;
        }

        screen.Write(new Text(line));
        screen.WriteLine();
    }
}
