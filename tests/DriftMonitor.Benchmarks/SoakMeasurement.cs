using System.Diagnostics;
using System.Globalization;
using DriftMonitor.Display;
using DriftMonitor.Worker.Broker;
using DriftMonitor.Worker.References;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// Whether a program that runs for long keeps its handles, files, threads and memory: what happens within days happens here within minutes.
/// <c>dotnet run -c Release --project tests/DriftMonitor.Benchmarks -- soak [--for 60m]</c>
/// </summary>
/// <remarks>It writes soak.csv and soak.png into the current directory, and takes a fifth of a core.</remarks>
internal sealed class SoakMeasurement : IAsyncDisposable
{
    private const int Partitions = 2;
    private const int FirstSampleAtBeats = 12; // a minute: everything that is made once has been made
    private static readonly TimeSpan Beat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Shortest = TimeSpan.FromMinutes(3);

    private readonly EmbeddedBroker _broker = EmbeddedBroker.Start();
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("driftmonitor-soak-");
    private readonly CancellationTokenSource _stop = new();
    private readonly SoakReadings _readings;
    private readonly List<SoakSample> _samples = [];

    private SoakMeasurement()
    {
        const string panes = "driftmonitor.panes";
        foreach (var topic in (string[])
            ["predictions", "feedback", "dead", panes, $"{panes}.rollups", $"{panes}.status", $"{panes}.feedback"])
        {
            _broker.CreateTopic(topic, Partitions);
        }

        _readings = new SoakReadings(_stop.Token);
    }

    /// <returns>Whether nothing grew.</returns>
    public static async Task<bool> RunAsync(string[] options)
    {
        var length = options switch
        {
            [] => TimeSpan.FromMinutes(60),
            ["--for", var text] when DurationText.TryParse(text, out var milliseconds) && milliseconds >= Shortest.TotalMilliseconds =>
                TimeSpan.FromMilliseconds(milliseconds),
            _ => throw new ArgumentException($"soak takes --for a length, such as 60m, of at least {Shortest.TotalMinutes} minutes"),
        };
        await using var measurement = new SoakMeasurement();
        return await measurement.MeasureAsync(length);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _readings.DisposeAsync();
        _stop.Dispose();
        _broker.Dispose();
        _directory.Delete(recursive: true);
    }

    private async Task<bool> MeasureAsync(TimeSpan length)
    {
        Promote(version: 1);
        using var monitor = Start("first");
        MonitorProgram? second = null;
        var traffic = new SoakTraffic(_broker.BootstrapServers);
        var playing = traffic.PlayAsync(_stop.Token);
        var clock = Stopwatch.StartNew();
        using var beats = new PeriodicTimer(Beat);
        try
        {
            for (var beat = 1; clock.Elapsed < length && await beats.WaitForNextTickAsync(); beat++)
            {
                if (monitor.HasEnded)
                {
                    throw new InvalidOperationException($"the program ended after {clock.Elapsed}");
                }

                traffic.Drifts = beat / 18 % 2 == 1; // for a minute and a half of every three
                if (beat % 24 == 0) // every two minutes
                {
                    Promote(version: 1 + (beat / 24));
                }

                switch (beat % 60) // every five minutes, for one
                {
                    case 36:
                        second = Start("second");
                        break;
                    case 48:
                        second?.Dispose(); // killed: its partitions come back when its session has ended
                        second = null;
                        break;
                }

                var answers = await _readings.ReadAsync(monitor.Address, beat);
                if (beat >= FirstSampleAtBeats && beat % 6 == 0)
                {
                    _samples.Add(SoakSample.Take(monitor, clock.Elapsed, answers, Path.Combine(_directory.FullName, "first")));
                }
            }
        }
        finally
        {
            second?.Dispose();
            await _stop.CancelAsync();
            await playing;
        }

        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{clock.Elapsed.TotalMinutes:0} minutes, {traffic.Produced} records, {monitor.CpuTime / clock.Elapsed:P0} of a core; "
            + $"{_readings}"));
        return SoakReport.Write(_samples);
    }

    private MonitorProgram Start(string replica) => new(
        _broker.BootstrapServers,
        "--Kafka:Client:group.protocol=consumer",
        "--Kafka:Client:fetch.wait.max.ms=100",
        "--Windows:Spans=10s/2s, 60s/10s",
        "--Windows:AllowedLateness=2s",
        "--Windows:AllowedSkew=2s",
        "--Windows:DisorderSlack=1s",
        "--Windows:PublishInterval=2s",
        "--Limits:Models=50",
        "--Limits:SegmentsPerModel=20",
        "--DeadLetter:Topic=dead",
        "--Feedback:Topic=feedback",
        $"--Feedback:Horizon={SoakTraffic.HorizonSeconds}s",
        $"--Feedback:Directory={_directory.CreateSubdirectory(replica).FullName}",
        $"--References:Directory={_directory.CreateSubdirectory("references").FullName}",
        "--References:PollInterval=2s",
        "--Logging:LogLevel:DriftMonitor.Worker.Alarms=None"); // they are meant to come and go

    /// <summary>Writes the reference anew, under the same file's name.</summary>
    private void Promote(int version)
    {
        var predictions = Path.Combine(_directory.FullName, "reference.jsonl");
        File.WriteAllLines(predictions, SoakTraffic.Reference());
#pragma warning disable RS0030 // only shown
        var reference = ReferenceFromPredictions.Build(
            predictions, null, null, version, TimeProvider.System.GetUtcNow()).Snapshots.Single();
#pragma warning restore RS0030
        ReferenceFile.Write(reference, Path.Combine(_directory.CreateSubdirectory("references").FullName, "steady.json"));
    }
}
