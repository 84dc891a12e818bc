using System.Collections.Immutable;
using System.Globalization;
using DriftMonitor.References;
using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>The references in use as they are exported, with the times since when they are. Immutable.</summary>
internal sealed record UsedReferences(ImmutableArray<UsedReferences.Reference> All)
{
    public static UsedReferences None { get; } = new([]);

    /// <summary>The next set: a reference that is in use already keeps its labels and its time.</summary>
    public UsedReferences With(ReferenceSet next, double nowSeconds, LabelSets labelSets)
    {
        var known = All.ToDictionary(reference => reference.Snapshot.Model, StringComparer.Ordinal);
        var all = ImmutableArray.CreateBuilder<Reference>(next.ByModel.Count);
        foreach (var (model, snapshot) in next.ByModel.OrderBy(reference => reference.Key, StringComparer.Ordinal))
        {
            if (known.TryGetValue(model, out var same) && same.Snapshot.Id == snapshot.Id && same.Snapshot.Version == snapshot.Version)
            {
                all.Add(same);
                known.Remove(model);
            }
            else
            {
                all.Add(new Reference(snapshot, nowSeconds, labelSets.Issue()));
            }
        }

        labelSets.Release(known.Count);
        return new UsedReferences(all.MoveToImmutable());
    }

    internal sealed class Reference(ReferenceSnapshot snapshot, double loadedSeconds, long labelNumber)
    {
        public ReferenceSnapshot Snapshot => snapshot;

        public double LoadedSeconds => loadedSeconds;

        public long LabelNumber => labelNumber;

        public Tags ModelLabel { get; } = [new("model", snapshot.Model)];

        public Tags InfoLabels { get; } =
        [
            new("model", snapshot.Model),
            new("reference_id", snapshot.Id),
            new("version", snapshot.Version.ToString(CultureInfo.InvariantCulture)),
        ];
    }
}
