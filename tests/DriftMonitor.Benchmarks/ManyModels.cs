using System.Reactive.Linq;
using System.Reactive.Subjects;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Benchmarks;

/// <summary>
/// Stage 2 of many models of ten classes, each with a reference of its own and the default three windows, all of them full, and those
/// before them.
/// </summary>
internal sealed class ManyModels
{
    public const long Minute = 60_000;

    private const long Hour = 60 * Minute;
    private const int EventsInPane = 20;

    private readonly WindowPlan _plan;
    private readonly Subject<PaneMessage> _messages = new();
    private readonly Subject<long> _ticksMs = new();
    private readonly PaneRegister[] _registers;
    private long _nowMs = Payloads.StartMs - (48 * Hour);

    public ManyModels(int count, bool trailing, bool cusum, Action<DriftReport> onReport)
    {
        _plan = DefaultPlan.Create(trailing, cusum);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var predictions = Payloads.DigitsPredictions();
        var space = ClassSpace.Indexed(10);
        var classes = new PaneClasses(space.Id, ModelClasses.Configured, null);
        _registers = [.. Enumerable.Range(0, count).Select(i =>
            new PaneRegister(0, new SeriesKey($"model-{i:D5}", SeriesKey.All), 0, classes, 0, EventsInPane - 1, 0, 0, Sums(i)))];
        var references = ReferenceSet.Latest(_registers.Select((register, i) => Reference(register.Series.Model, space, Sums(i + 1))));
        _messages
            .SlideWindows(_ticksMs, _plan, count)
            .CombineWithReference(
                new BehaviorSubject<ReferenceSet>(references), new DriftEvaluator(new EvaluationSettings(), (_, _, _) => 0))
            .OfType<DriftReport>()
            .Subscribe(onReport);

        // One base pane in each of the longer panes is enough to fill a window.
        FillUntil(Payloads.StartMs - (2 * Hour), 10 * Minute);
        FillUntil(Payloads.StartMs - (10 * Minute), Minute);
        FillUntil(Payloads.StartMs, _plan.BasePaneMs);
        Bytes = GC.GetTotalMemory(forceFullCollection: true) - before;

        PaneSums Sums(int i)
        {
            var sums = new PaneSums(space.CellCount);
            var cells = new double[space.CellCount];
            for (var k = 0; k < EventsInPane; k++)
            {
                predictions[((i * EventsInPane) + k) % predictions.Length].CopyTo(cells, 0);
                sums.Add(cells);
            }

            return sums;
        }
    }

    /// <summary>What the windows and the references take.</summary>
    public long Bytes { get; }

    /// <summary>
    /// Lets time pass, a base pane after the other, up to just before the tick that ends a period or comes so long after it.
    /// </summary>
    public void PassUntilTick(long periodMs, long phaseMs = 0)
    {
        do
        {
            Tick();
            MakeRegisters();
            ApplyRegisters();
            _nowMs += _plan.BasePaneMs;
        }
        while (_nowMs % periodMs != phaseMs);
    }

    /// <summary>Makes each model's register of the pane that begins now.</summary>
    public void MakeRegisters()
    {
        for (var i = 0; i < _registers.Length; i++)
        {
            _registers[i] = _registers[i] with { PaneStartMs = _nowMs, EarliestEventMs = _nowMs, LatestEventMs = _nowMs };
        }
    }

    public void ApplyRegisters()
    {
        foreach (var register in _registers)
        {
            _messages.OnNext(register);
        }
    }

    public void Tick()
    {
        _messages.OnNext(new LaneProgress(0, _plan.ClosedBefore(_nowMs), CaughtUp: true, AsOfMs: _nowMs));
        _ticksMs.OnNext(_nowMs);
    }

    private void FillUntil(long timeMs, long stepMs)
    {
        while (_nowMs < timeMs)
        {
            MakeRegisters();
            ApplyRegisters();
            _nowMs += stepMs;
            Tick();
        }
    }

    private static ReferenceSnapshot Reference(string model, ClassSpace space, PaneSums sums) => new(
        model,
        version: 1,
        createdAt: default,
        space,
        new Dictionary<string, PaneSums> { [SeriesKey.All] = sums },
        [new ReferenceBlock(0, sums.Events, [.. sums.Mass])]);
}
