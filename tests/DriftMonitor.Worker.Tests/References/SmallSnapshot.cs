using DriftMonitor.Distributions;
using DriftMonitor.Events;
using DriftMonitor.References;

namespace DriftMonitor.Worker.Tests.References;

/// <summary>Snapshots of a few events, quickly made.</summary>
internal static class SmallSnapshot
{
    /// <summary>One event a second; the shares are those of class a, the rest is b.</summary>
    public static ReferenceSnapshot Of(string model = "m", int version = 1, string? segment = null, params double[] shares)
    {
        var watched = new WatchedModels(1, 1, acceptUnknown: true).Add(model);
        var classes = new ModelClasses(ClassSpace.Create(["a", "b"]), ModelClasses.Configured);
        var builder = new ReferenceBuilder(model, classes.Space);
        var second = 0;
        foreach (var share in shares.Length == 0 ? [0.5, 0.25] : shares)
        {
            var record = new PredictionRecord { RecordTimeMs = 1_000 * second++ };
            var cells = record.Begin(watched, classes);
            (cells[0], cells[1]) = (share, 1 - share);
            record.Segment = segment is null ? null : watched.Segment(segment);
            builder.Add(record);
        }

        return builder.Build(version, DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_000));
    }
}
