using System.Collections.Concurrent;
using System.Collections.Frozen;
using DriftMonitor.Calibration;
using DriftMonitor.References;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Alarms;

/// <summary>What has been worked out of the references in use, one a model; of a reference that is no longer in use it is forgotten.</summary>
/// <remarks>Thread-safe; readers take no locks.</remarks>
/// <param name="pseudoEvents">ε ≥ 0, as windows are compared with.</param>
internal sealed class Calibrations(double pseudoEvents)
{
    private readonly Lock _switching = new();
    private volatile FrozenDictionary<string, OfReference> _byModel = FrozenDictionary<string, OfReference>.Empty;

    /// <summary>Keeps what is known of the references that stay in use, by their ids.</summary>
    public void Use(ReferenceSet references)
    {
        lock (_switching)
        {
            var known = _byModel;
            _byModel = references.ByModel.ToFrozenDictionary(
                model => model.Key,
                model => known.TryGetValue(model.Key, out var same) && same.Reference.Id == model.Value.Id ? same : new OfReference(model.Value, pseudoEvents),
                StringComparer.Ordinal);
        }
    }

    /// <summary>What belongs to the reference in use for a model, null for none.</summary>
    public OfReference? Of(string model) => _byModel.GetValueOrDefault(model);

    /// <summary>What belongs to one reference; each part is made when first asked for.</summary>
    internal sealed class OfReference(ReferenceSnapshot reference, double pseudoEvents)
    {
        private readonly ConcurrentDictionary<string, DriftCalibration> _drift = new(StringComparer.Ordinal);
        private readonly ConcurrentDictionary<PolicyEstimate, MeanCalibration> _policies = new();
        private readonly Lazy<MeanCalibration?> _losses = new(() => reference.Losses is { } losses ? new MeanCalibration(losses) : null);

        public ReferenceSnapshot Reference => reference;

        /// <summary>Of what labels cost; null when the reference was built without any.</summary>
        public MeanCalibration? Losses => _losses.Value;

        /// <summary>Of the divergence of one of the reference's segments.</summary>
        public DriftCalibration Drift(string segment) => _drift.GetOrAdd(segment, name => new DriftCalibration(reference, name, pseudoEvents));

        /// <summary>Of an estimate of policy KL; null when the reference has none.</summary>
        public MeanCalibration? Policy(PolicyEstimate estimate) =>
            reference.Policies.TryGetValue(estimate, out var baseline) ? _policies.GetOrAdd(estimate, _ => new MeanCalibration(baseline)) : null;
    }
}
