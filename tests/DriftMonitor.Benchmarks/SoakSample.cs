using System.Globalization;

namespace DriftMonitor.Benchmarks;

/// <summary>What the system says of a process at a moment.</summary>
/// <param name="Minutes">Since the start.</param>
/// <param name="Megabytes">Its resident memory.</param>
/// <param name="Handles">Its open file handles, sockets among them.</param>
/// <param name="Threads">Its threads.</param>
/// <param name="Files">The files in its feedback directory.</param>
/// <param name="Series">The samples of a scrape.</param>
/// <param name="Alarms">The alarms that are active.</param>
internal sealed record SoakSample(
    double Minutes, double Megabytes, double Handles, double Threads, double Files, double Series, double Alarms)
{
    public const string Header = "minutes,MB,handles,threads,files,series,alarms";

    public static SoakSample Take(MonitorProgram program, TimeSpan elapsed, (int? Series, int? Alarms) answers, string feedback)
    {
        var status = File.ReadAllLines($"/proc/{program.Id}/status");
        double Status(string name) => double.Parse( // "VmRSS:    123456 kB"
            status.Single(
                line => line.StartsWith($"{name}:", StringComparison.Ordinal)).Split((char[])[], StringSplitOptions.RemoveEmptyEntries)[1],
            CultureInfo.InvariantCulture);
        return new SoakSample(
            elapsed.TotalMinutes,
            Status("VmRSS") / 1024,
            Directory.EnumerateFileSystemEntries($"/proc/{program.Id}/fd").Count(),
            Status("Threads"),
            Directory.EnumerateFiles(feedback, "*", SearchOption.AllDirectories).Count(),
            answers.Series ?? double.NaN,
            answers.Alarms ?? double.NaN);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Minutes:0.0},{Megabytes:0.0},{Handles},{Threads},{Files},{Series},{Alarms}");
}
