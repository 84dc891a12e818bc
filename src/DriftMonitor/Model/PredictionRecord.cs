using DriftMonitor.Divergence;

namespace DriftMonitor.Model;

/// <summary>A decoded record of a predictions topic: an output as a distribution over its model's class space, or why it is none.</summary>
/// <remarks>
/// A source fills one instance again and again: it is valid only until the next record, so whoever keeps something of it copies it.
/// That is what makes a million events a second possible without garbage. Not safe for concurrent use.
/// </remarks>
public sealed class PredictionRecord
{
    private const double NotYet = double.NaN;
    private const int OnStack = 128;

    private readonly SeriesKey[] _series = new SeriesKey[3];
    private double[] _cells = [];
    private double _entropy = NotYet;
    private char[] _id = [];
    private int _idLength;
    private double[] _fewOfMany = []; // all 0 but for the few cells
    private int[] _few = [];
    private int _fewCount;
    private bool _fewSorted;

    /// <summary>The record's offset in its source partition.</summary>
    public long Offset { get; set; }

    /// <summary>
    /// Which of its Kafka record's predictions it is, 0 for the first or only one; all have one offset, and come in this order.
    /// </summary>
    public int Row { get; set; }

    /// <summary>The Kafka record's own timestamp, epoch milliseconds.</summary>
    public long RecordTimeMs { get; set; }

    /// <summary>
    /// Why the record is no prediction; <see cref="RejectionReason.None"/> if it is one or ignored. Only of a prediction may the rest be
    /// read.
    /// </summary>
    public RejectionReason Rejection { get; private set; } = RejectionReason.Empty;

    /// <summary>Whether the record is not meant to be a prediction: it moves the offset and counts nowhere.</summary>
    public bool IsIgnored { get; private set; }

    /// <summary>Whether it counts although its id came before; else it does not.</summary>
    public bool KeepsDuplicates { get; init; }

    /// <summary>Whether its id came before, so that it counts in no pane. Said by the lane that has read it.</summary>
    public bool IsDuplicate { get; internal set; }

    /// <summary>The model.</summary>
    public WatchedModel Model { get; private set; } = null!;

    /// <summary>The class space that <see cref="Probabilities"/> are over.</summary>
    public ModelClasses Classes { get; private set; } = null!;

    /// <summary>The segment that the event also counts in, null for none.</summary>
    public WatchedSegment? Segment { get; set; }

    /// <summary>The segment of its model's version, in which it counts likewise; null for none.</summary>
    public WatchedSegment? Version { get; set; }

    /// <summary>
    /// The series that the event counts in, each once: all traffic first, then its segment and its version. Valid until the next call.
    /// </summary>
    internal ReadOnlySpan<SeriesKey> Series
    {
        get
        {
            var count = 0;
            _series[count++] = Model.All;
            if (Segment is { } segment)
            {
                _series[count++] = segment.Series;
            }

            if (Version is { } version && Segment?.Name != version.Name)
            {
                _series[count++] = version.Series;
            }

            return _series.AsSpan(0, count);
        }
    }

    /// <summary>What feedback finds the prediction by, empty for none.</summary>
    public ReadOnlySpan<char> Id
    {
        get => _id.AsSpan(0, _idLength);
        set
        {
            if (_id.Length < value.Length)
            {
                _id = new char[value.Length];
            }

            value.CopyTo(_id);
            _idLength = value.Length;
        }
    }

    /// <summary>When the event happened by its payload, epoch milliseconds; null when only <see cref="RecordTimeMs"/> tells.</summary>
    public long? PayloadTimeMs { get; set; }

    /// <summary>When the event happened, epoch milliseconds.</summary>
    public long EventTimeMs => PayloadTimeMs ?? RecordTimeMs;

    /// <summary>Whether <see cref="Probabilities"/> are the output; false when it only has log-probabilities of what was sampled.</summary>
    public bool HasDistribution => Sampled is null;

    /// <summary>Whether a label has a probability in the output: a distribution, and over classes, not over the bins of a score.</summary>
    public bool TakesLabels => HasDistribution && Classes.Bins is null;

    /// <summary>How far the output's two policies are from each other, null when it has not two.</summary>
    public PairedKullbackLeibler? Paired { get; set; }

    /// <summary>The same, estimated from what was sampled; null when the output is no such.</summary>
    public SampledKullbackLeibler? Sampled { get; set; }

    /// <summary>The probability of each cell of the class space, <c>__other__</c> last.</summary>
    public Span<double> Probabilities => (HasFewCells ? _fewOfMany : _cells).AsSpan(0, Classes.Space.CellCount);

    /// <summary>
    /// The entropy of <see cref="Probabilities"/>, nats: how unsure the output is; of independent classes the sum. Worked out once.
    /// </summary>
    public double EntropyNats
    {
        get
        {
            if (double.IsNaN(_entropy))
            {
                _entropy = Entropy.OfChoices(HasFewCells ? EntropyOfFew() : EntropyOf(Probabilities), Classes.Space.Choices);
            }

            return _entropy;
        }
    }

    /// <summary>Whether all probabilities but those of <see cref="FewCells"/> are 0.</summary>
    public bool HasFewCells { get; private set; }

    /// <summary>The cells that <see cref="AddTo"/> was called with, growing.</summary>
    public ReadOnlySpan<int> FewCells
    {
        get
        {
            if (!_fewSorted)
            {
                _few.AsSpan(0, _fewCount).Sort();
                _fewSorted = true;
            }

            return _few.AsSpan(0, _fewCount);
        }
    }

    /// <summary>Makes the record a prediction with all cells 0, no segment, no version and no time of its own.</summary>
    /// <returns>The cells to fill.</returns>
    public Span<double> Begin(WatchedModel model, ModelClasses classes)
    {
        BeginAnew(model, classes);
        HasFewCells = false;
        if (_cells.Length < classes.Space.CellCount)
        {
            _cells = new double[classes.Space.CellCount];
        }

        var cells = Probabilities;
        cells.Clear();
        return cells;
    }

    /// <summary>As <see cref="Begin"/>, for an output with mass in few of many cells: the cost is the same in any class space.</summary>
    public void BeginFew(WatchedModel model, ModelClasses classes)
    {
        BeginAnew(model, classes);
        HasFewCells = true;
        foreach (var cell in _few.AsSpan(0, _fewCount))
        {
            _fewOfMany[cell] = 0;
        }

        _fewCount = 0;
        if (_fewOfMany.Length < classes.Space.CellCount)
        {
            _fewOfMany = new double[classes.Space.CellCount];
        }
    }

    /// <summary>Adds to the probability of a cell, after <see cref="BeginFew"/>.</summary>
    public void AddTo(int cell, double probability)
    {
        if (probability == 0)
        {
            return;
        }

        if (_fewOfMany[cell] == 0)
        {
            if (_fewCount == _few.Length)
            {
                Array.Resize(ref _few, Math.Max(64, 2 * _fewCount));
            }

            _few[_fewCount++] = cell;
            _fewSorted = false;
        }

        _fewOfMany[cell] += probability;
    }

    private double EntropyOfFew()
    {
        var entropy = 0.0;
        foreach (var cell in _few.AsSpan(0, _fewCount))
        {
            entropy -= _fewOfMany[cell] * Math.Log(_fewOfMany[cell]);
        }

        return entropy;
    }

    /// <summary>As <see cref="Entropy.Of"/>, many logarithms at once; one of 0 would be none.</summary>
    private static double EntropyOf(ReadOnlySpan<double> probabilities)
    {
        Span<double> logs = stackalloc double[OnStack];
        var entropy = 0.0;
        for (var rest = probabilities; !rest.IsEmpty;)
        {
            var some = rest[..Math.Min(rest.Length, OnStack)];
            TensorPrimitives.Max(some, double.Epsilon, logs);
            TensorPrimitives.Log(logs[..some.Length], logs);
            entropy -= TensorPrimitives.Dot(some, (ReadOnlySpan<double>)logs[..some.Length]);
            rest = rest[some.Length..];
        }

        return Math.Max(0, entropy);
    }

    /// <summary>Makes the record a rejected one.</summary>
    public void Reject(RejectionReason reason) => (Rejection, IsIgnored) = (reason, false);

    /// <summary>Makes the record one that is not meant to be a prediction.</summary>
    public void Ignore() => (Rejection, IsIgnored) = (RejectionReason.None, true);

    /// <summary>Takes note that it counts: neither its model nor its segments are silent.</summary>
    internal void NoteCounted()
    {
        Model.Note(RecordTimeMs);
        Segment?.Note(RecordTimeMs);
        Version?.Note(RecordTimeMs);
    }

    private void BeginAnew(WatchedModel model, ModelClasses classes)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(classes);
        Rejection = RejectionReason.None;
        IsIgnored = false;
        _entropy = NotYet;
        Model = model;
        Classes = classes;
        Segment = null;
        Version = null;
        PayloadTimeMs = null;
        Paired = null;
        Sampled = null;
        _idLength = 0;
    }
}
