using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Views;

/// <summary>The references that this replica knows: every replica reads all of them. Thread-safe.</summary>
internal sealed class ReferenceViews(UsedReferences used, Calibrations calibrations, ThresholdsInForce thresholds)
{
    /// <summary>The reference in use for a model; null for none.</summary>
    public UsedReferences.Reference? Used(string model) => used.ByModel.GetValueOrDefault(model);

    /// <summary>The same with what it lacks.</summary>
    public ReferenceItem? InUse(string model) => Used(model) is { } reference ? Item(reference, Lacks(model)) : null;

    /// <summary>All versions of a model, or of all, by model, the highest first.</summary>
    /// <param name="model">Null for all; of one it is said what the reference in use lacks.</param>
    public IReadOnlyList<ReferenceItem> All(string? model)
    {
        var (inUse, pushed) = (used.ByModel, used.Pushed);
        var isPushed = pushed.Select(version => (version.Model, version.Version)).ToHashSet();
        return
        [
            .. inUse.Values.Where(reference => !isPushed.Contains((reference.Snapshot.Model, reference.Snapshot.Version)))
                .Select(reference => Item(reference, Lacks(reference.Snapshot.Model, model)))
                .Concat(pushed.Select(version => Item(version, inUse.GetValueOrDefault(version.Model), model)))
                .Where(reference => (model ?? reference.Model) == reference.Model)
                .OrderBy(reference => reference.Model, StringComparer.Ordinal)
                .ThenByDescending(reference => reference.Version),
        ];
    }

    private static ReferenceItem Item(UsedReferences.Reference reference, ImmutableArray<string>? lacks) => Item(
        reference.Snapshot, ReferenceState.InUse, "directory", null, (long)(reference.LoadedSeconds * 1000), lacks);

    private ReferenceItem Item(PushedVersion version, UsedReferences.Reference? inUse, string? model)
    {
        var isUsed = inUse is not null && version.Snapshot?.Id == inUse.Snapshot.Id && version.Version == inUse.Snapshot.Version;
        var state = version.Undone is not null ? ReferenceState.Undone
            : version.Problem is not null ? ReferenceState.Refused
            : isUsed ? ReferenceState.InUse
            : ReferenceState.Superseded;
        return version.Snapshot is { } snapshot
            ? Item(
                snapshot, state, "topic", version.Problem, isUsed ? (long)(inUse!.LoadedSeconds * 1000) : null,
                isUsed ? Lacks(version.Model, model) : null) with
            { Pushed = version.Pushed, Undone = version.Undone }
            : new(
                version.Model, version.Version, null, state, "topic", version.Problem, null, null, version.Pushed, version.Undone, null,
                null, null, null, null, null, null);
    }

    private static ReferenceItem Item(
        ReferenceSnapshot of, ReferenceState state, string from, string? problem, long? loadedMs,
        ImmutableArray<string>? lacks)
    {
        var span = ReferenceSpan.FromReference(of);
        return new(
            of.Model, of.Version, of.Id, state, from, problem, of.CreatedAt.ToUnixTimeMilliseconds(), loadedMs, null, null, of.All.Events,
            span is null ? null : of.Blocks[0].StartMs, span is null ? null : of.Blocks[0].StartMs + (long)span.Whole.TotalMilliseconds,
            of.ClassSpace.DistinctNames.Count, of.Segments.Count, of.Losses is not null, lacks);
    }

    private ImmutableArray<string>? Lacks(string model, string? asked) => model == asked ? Lacks(model) : null;

    /// <summary>What a reference in use has too little of; null before its thresholds have been worked out here.</summary>
    private ImmutableArray<string>? Lacks(string model) =>
        calibrations.Of(model) is { } known && known.MadeDrift(SeriesKey.All) is not null
            ? [.. ShortfallText.Lines(known, thresholds.Windows).Where(line => line.StartsWith(' ')).Select(line => line.Trim())]
            : null;
}
