using System.Collections.Concurrent;
using System.Collections.Frozen;
using DriftMonitor.Calibration;
using DriftMonitor.References;

namespace DriftMonitor.Alarms;

/// <summary>What was worked out of the references in use, one a model; that of a reference no longer in use is forgotten.</summary>
/// <remarks>Thread-safe; readers take no locks.</remarks>
/// <param name="pseudoEvents">ε ≥ 0, as windows are compared with.</param>
/// <param name="kept">What others have worked out, and receives what is worked out here; null for nothing.</param>
public sealed class Calibrations(double pseudoEvents, KeptCalibrations? kept = null)
{
    /// <summary>The name of what labels cost, by whichever attribution.</summary>
    public const string CrossEntropy = "cross_entropy";

    /// <summary>The name of how often they say that a prediction was wrong.</summary>
    public const string ErrorRatio = "error_ratio";

    /// <summary>ε, as windows are compared with.</summary>
    internal double PseudoEvents => pseudoEvents;

    private readonly Lock _switching = new();
    private volatile InUse _inUse = new(FrozenDictionary<string, OfReference?>.Empty, IsComplete: false);

    /// <summary>Keeps what is known of the references that stay in use, by their ids.</summary>
    public void Use(ReferenceSet references)
    {
        lock (_switching)
        {
            var known = _inUse.ByModel;
            var next = known.Keys.Concat(references.ByModel.Keys).Distinct(StringComparer.Ordinal).ToFrozenDictionary(
                model => model,
                model => references.Of(model) is not { } reference ? null
                    : known.GetValueOrDefault(model) is { } same && same.Reference.Id == reference.Id ? same
                    : new OfReference(reference, pseudoEvents, kept),
                StringComparer.Ordinal);
            _inUse = new InUse(next, references.IsComplete);
        }
    }

    /// <summary>The keys of all that was asked for of the references in use, under which <see cref="KeptCalibrations"/> has it.</summary>
    public IEnumerable<string> Keys => _inUse.ByModel.Values.SelectMany(known => known?.Keys ?? []);

    /// <summary>What belongs to the reference in use for a model, null for none.</summary>
    public OfReference? Of(string model) => _inUse.ByModel.GetValueOrDefault(model);

    /// <summary>The id of the reference in use for a model; empty for none, null while nobody knows whether there is one.</summary>
    internal string? ReferenceId(string model)
    {
        var inUse = _inUse;
        return inUse.ByModel.TryGetValue(model, out var known) ? known?.Reference.Id ?? "" : inUse.IsComplete ? "" : null;
    }

    /// <summary>
    /// By how much windows of a series differ of themselves, see <see cref="DriftCalibration.Fluctuation"/>; null while it has not been
    /// worked out, or for another reference.
    /// </summary>
    public double? KnownFluctuation(ReferenceSnapshot reference, SeriesKey series, WindowSpec window) =>
        Of(series.Model) is { } known && known.Reference.Id == reference.Id
            ? known.MadeDrift(series.Segment)?.KnownFluctuation(window)
            : null;

    /// <param name="ByModel">By model; null for one that had a reference and has none any more.</param>
    /// <param name="IsComplete">Whether others are known to have none.</param>
    private sealed record InUse(FrozenDictionary<string, OfReference?> ByModel, bool IsComplete);

    /// <summary>What belongs to one reference; each part is made when first asked for, which is slow with many classes or blocks.</summary>
    public sealed class OfReference(ReferenceSnapshot reference, double pseudoEvents, KeptCalibrations? kept = null)
    {
        private readonly ConcurrentDictionary<string, DriftCalibration> _drift = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<string, MeanCalibration> _means = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<(
            int Windows, bool Drift, bool CrossEntropy, bool Policy, bool Accuracy, int Compared, bool Dispersion), BudgetShare>
            _shares = new();

        private readonly ConcurrentDictionary<string, DriftCalibration> _live = new(StringComparer.Ordinal);

        /// <summary>The reference.</summary>
        public ReferenceSnapshot Reference => reference;

        /// <summary>
        /// How often labels say that a prediction was wrong, to compare windows with; null when it is not known. Of a reference that was
        /// never wrong, once: no number of labels shows that a model does not err.
        /// </summary>
        public ValueBaseline? Errors { get; } = reference.Errors is { Mean: 0, Blocks: [.. var before, var last] } never
            ? new ValueBaseline(never.BinMeans, [.. before, last with { Counts = [last.Counts[0], 1] }])
            : reference.Errors;

        /// <summary>By how much the entropies of single outputs are above their mean; null where the reference has none.</summary>
        public ValueBaseline? EntropyRises { get; } = reference.Entropies?.Of(entropy => entropy - reference.Entropies!.Mean);

        /// <summary>By how much they are below it.</summary>
        public ValueBaseline? EntropyFalls { get; } = reference.Entropies?.Of(entropy => reference.Entropies!.Mean - entropy);

        /// <summary>The keys of all that was asked for of it, under which <see cref="KeptCalibrations"/> has it.</summary>
        internal IEnumerable<string> Keys =>
            _drift.Values.SelectMany(drift => drift.Keys)
                .Concat(_live.Values.SelectMany(live => live.Keys))
                .Concat(_means.Values.SelectMany(mean => mean.Keys));

        /// <summary>How a budget is divided that is for these measures: asked for at every evaluation, made once.</summary>
        public BudgetShare Share(
            int windows, bool drift, bool crossEntropy, bool policy, bool accuracy, int compared = 0, bool dispersion = true) =>
            _shares.GetOrAdd(
                (windows, drift, crossEntropy, policy, accuracy, compared, dispersion),
                static (key, reference) => new BudgetShare(
                    reference, key.Windows, key.Drift, key.CrossEntropy, key.Policy, key.Accuracy, key.Compared, key.Dispersion),
                reference);

        /// <summary>
        /// Of the divergence between a segment and the rest of live traffic, by how all traffic of the reference behaves: the same for each
        /// segment, but each has its own count.
        /// </summary>
        public DriftCalibration Live(string segment) =>
            _live.GetOrAdd(segment, _ => new DriftCalibration(reference, SeriesKey.All, pseudoEvents, kept, isLive: true));

        /// <summary>The same if it has been made already, else null.</summary>
        public DriftCalibration? MadeLive(string segment) => _live.GetValueOrDefault(segment);

        /// <summary>Of the divergence of one of the reference's segments, or of a version, which may have that of all traffic.</summary>
        public DriftCalibration Drift(string segment) =>
            _drift.GetOrAdd(reference.SegmentOf(segment), name => new DriftCalibration(reference, name, pseudoEvents, kept));

        /// <summary>The same if it has been made already, else null.</summary>
        public DriftCalibration? MadeDrift(string segment) => _drift.GetValueOrDefault(reference.SegmentOf(segment));

        /// <summary>Of the mean of a value.</summary>
        /// <param name="name">Which value it is.</param>
        /// <param name="baseline">What it was in the reference.</param>
        public MeanCalibration Mean(string name, ValueBaseline baseline) =>
            _means.GetOrAdd(name, _ => new MeanCalibration(baseline, kept));

        /// <summary>
        /// All means that the reference has a baseline of: of labels, entropies, then policy KL, by their measures' names.
        /// </summary>
        public IEnumerable<(string Name, ValueBaseline Baseline, MeanCalibration Calibration)> Means()
        {
            if (reference.Losses is { } losses)
            {
                yield return (CrossEntropy, losses, Mean(CrossEntropy, losses));
            }

            if (Errors is { } errors)
            {
                yield return (ErrorRatio, errors, Mean(ErrorRatio, errors));
            }

            foreach (var (measure, baseline) in new[] { (Measure.EntropyRise, EntropyRises), (Measure.EntropyFall, EntropyFalls) })
            {
                if (baseline is not null)
                {
                    yield return (Measures.NameOf(measure), baseline, Mean(Measures.NameOf(measure), baseline));
                }
            }

            foreach (var (estimate, baseline) in reference.Policies.OrderBy(policy => policy.Key))
            {
                var name = Measures.NameOf(Measures.Of(estimate));
                yield return (name, baseline, Mean(name, baseline));
            }
        }

        /// <summary>The same if it has been made already, else null.</summary>
        public MeanCalibration? MadeMean(string name) => _means.GetValueOrDefault(name);
    }
}
