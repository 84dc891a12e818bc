using BenchmarkDotNet.Attributes;
using DriftMonitor.Evaluation;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// What stage 2 does for 10,000 models: take a register of each, move their windows, and compare those with their references.
/// </summary>
[Config(typeof(OneCore))]
public class SlideAndEvaluate
{
    private const int Count = 10_000;
    private ManyModels _models = null!;
    private long _ready;
    private long _notReady;

    /// <summary>Whether windows are compared with those before them, too.</summary>
    [Params(false, true)]
    public bool Trailing { get; set; }

    /// <summary>Whether they have a CUSUM over their panes, as with a budget of false alarms.</summary>
    [Params(false, true)]
    public bool Cusum { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        _models = new ManyModels(Count, Trailing, Cusum, Take);
        (_ready, _notReady) = (0, 0);
        Console.WriteLine($"// {Count} models take {_models.Bytes / 1_000_000} MB, {_models.Bytes / Count} bytes each.");
    }

    [IterationSetup(Target = nameof(MoveAllWindows))]
    public void StopAtTheEndOfTenMinutes() => _models.PassUntilTick(10 * ManyModels.Minute);

    [IterationSetup(Target = nameof(MoveShortestWindows))]
    public void StopTenSecondsIntoAMinute() => _models.PassUntilTick(ManyModels.Minute, phaseMs: 10_000);

    [IterationSetup(Target = nameof(ApplyRegisters))]
    public void StopBeforeThePane()
    {
        _models.PassUntilTick(ManyModels.Minute, phaseMs: 10_000);
        _models.MakeRegisters();
    }

    /// <summary>The tick at the end of ten minutes: 30,000 windows move on and are evaluated.</summary>
    [Benchmark(Baseline = true)]
    public void MoveAllWindows() => _models.Tick();

    /// <summary>An ordinary tick: 10,000 windows move on by ten seconds and are evaluated.</summary>
    [Benchmark]
    public void MoveShortestWindows() => _models.Tick();

    /// <summary>One register a model.</summary>
    [Benchmark]
    public void ApplyRegisters() => _models.ApplyRegisters();

    [GlobalCleanup]
    public void Cleanup()
    {
        if (_ready == 0 || _notReady > 0)
        {
            throw new InvalidOperationException($"{_ready} windows were ready, {_notReady} were not: what was measured is no evaluation");
        }
    }

    private void Take(DriftReport report) =>
        _ = report is { Ready: true, Divergences: not null } && report.Trailing is { Ready: true } == Trailing ? _ready++ : _notReady++;
}
