using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Metrics;

/// <summary>The body of a scrape.</summary>
internal sealed partial class Scrape(string body)
{
    public string Body => body;

    public string[] Lines { get; } = body.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    /// <summary>The monitor's own metrics: those of the process and of the runtime are never the same twice.</summary>
    public Scrape OfMonitor => new(string.Concat(Lines.Where(line => !OfProcess().IsMatch(line)).Select(line => $"{line}\n")));

    /// <summary>The samples, without comments.</summary>
    public IEnumerable<string> Samples => Lines.Where(line => !line.StartsWith('#'));

    /// <summary>The samples of one metric.</summary>
    public string[] Of(string metric) => [.. Samples.Where(line => line.StartsWith($"driftmonitor_{metric}{{", StringComparison.Ordinal))];

    /// <summary>The value of a series, null when it is not there; it must not be there twice.</summary>
    public double? Value(string series)
    {
        var line = Samples.SingleOrDefault(line => line.StartsWith($"driftmonitor_{series} ", StringComparison.Ordinal));
        return line is null ? null : double.Parse(line[(line.LastIndexOf(' ') + 1)..], CultureInfo.InvariantCulture);
    }

    /// <summary>The body with the samples of each metric in order: theirs is not promised, that of the metrics is.</summary>
    public string InOrder()
    {
        var sorted = new StringBuilder();
        var samples = new List<string>();
        void Flush()
        {
            samples.Sort(StringComparer.Ordinal);
            samples.ForEach(sample => sorted.Append(sample).Append('\n'));
            samples.Clear();
        }

        foreach (var line in Lines)
        {
            if (line.Contains("_duration_seconds", StringComparison.Ordinal) || line.StartsWith('#'))
            {
                Flush();
                sorted.Append(line).Append('\n');
            }
            else
            {
                samples.Add(line);
            }
        }

        Flush();
        return sorted.ToString();
    }

    /// <summary>What Prometheus' own tool has against the body.</summary>
    public async Task<string> CheckWithPromtool()
    {
        using var promtool = Process.Start(new ProcessStartInfo(Promtool.Path!, "check metrics")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = promtool.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var errors = promtool.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await promtool.StandardInput.WriteAsync(body);
        promtool.StandardInput.Close();
        await promtool.WaitForExitAsync(TestContext.Current.CancellationToken);
        var complaints = await output + await errors;
        return promtool.ExitCode == 0 ? complaints : $"{complaints}(exit code {promtool.ExitCode})";
    }

    [GeneratedRegex("^(# (HELP|TYPE) )?(process|dotnet)_")]
    private static partial Regex OfProcess();
}
