using DriftMonitor.Divergence;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Worker.Tests.References;

/// <summary>Snapshots of a few events, quickly made.</summary>
internal static class SmallSnapshot
{
    private static readonly DateTimeOffset CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_000);

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

        return builder.Build(version, CreatedAt);
    }

    /// <summary>One event a value: its label's cost, which is right below 1, and the same as k1.</summary>
    public static ReferenceSnapshot WithBaselines(params double[] values)
    {
        var watched = new WatchedModels(1, 1, acceptUnknown: true).Add("m");
        var classes = new ModelClasses(ClassSpace.Create(["a", "b"]), ModelClasses.Configured);
        var builder = new ReferenceBuilder("m", classes.Space);
        for (var i = 0; i < values.Length; i++)
        {
            var record = new PredictionRecord { RecordTimeMs = 10_000 * i };
            record.Begin(watched, classes)[0] = 1;
            builder.Add(record);
            record.Begin(watched, classes);
            record.Sampled = SampledKullbackLeibler.Of(values[i], 0);
            builder.Add(record);
            builder.AddLabel(10_000 * i, FixedPoint.FromNats(values[i]), correct: values[i] < 1);
        }

        return builder.Build(1, CreatedAt);
    }
}
