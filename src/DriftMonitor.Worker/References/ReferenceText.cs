namespace DriftMonitor.Worker.References;

/// <summary>A reference in words.</summary>
internal static class ReferenceText
{
    /// <summary>A snapshot on a line.</summary>
    public static string Of(ReferenceSnapshot snapshot) => string.Create(
        CultureInfo.InvariantCulture,
        $"{DisplayText.Of(snapshot.Model)} version {snapshot.Version}, id {snapshot.Id}, {snapshot.All.Events} events over "
        + $"{snapshot.ClassSpace.DistinctNames.Count} classes{Baselines(snapshot)}");

    private static string Baselines(ReferenceSnapshot snapshot) => string.Concat(
        (snapshot.Errors ?? snapshot.Losses) is { } labels ? string.Create(CultureInfo.InvariantCulture, $", {labels.Events} labels") : "",
        snapshot.Policies.Count > 0
            ? $", two policies ({string.Join(", ", snapshot.Policies.Keys.Order().Select(BaselineJson.NameOf))})"
            : "");
}
