using System.Text;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>A decoder with one known model, <c>m</c>, over the classes given (none: nothing has fixed them yet).</summary>
internal sealed class Decoding
{
    public Decoding(params string[] classes)
        : this(new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true), 1024 * 1024, classes)
    {
    }

    public Decoding(WatchedModels models, int maxBytes, params string[] classes)
    {
        Models = models;
        Model = models.Add("m");
        if (classes.Length > 0)
        {
            Model.Fix(new ModelClasses(ClassSpace.Create(classes), ModelClasses.Configured));
        }

        Decoder = new PredictionDecoder(models, new PredictionDecoderSettings { MaxBytes = maxBytes });
    }

    public WatchedModels Models { get; }

    public WatchedModel Model { get; }

    public PredictionDecoder Decoder { get; }

    public PredictionRecord Record { get; } = new();

    public RejectionReason Decode(ReadOnlySpan<byte> utf8, string? topic = null, ReadOnlySpan<byte> key = default)
    {
        Decoder.Decode(utf8, topic, key, Record);
        return Record.Rejection;
    }

    public RejectionReason Decode(string json, string? topic = null, string key = "") =>
        Decode(Encoding.UTF8.GetBytes(json), topic, Encoding.UTF8.GetBytes(key));

    /// <summary>The cells of a payload that must be accepted.</summary>
    public double[] Cells(string json)
    {
        Assert.Equal(RejectionReason.None, Decode(json));
        return Record.Probabilities.ToArray();
    }

    public static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var k = 0; k < expected.Length; k++)
        {
            Assert.Equal(expected[k], actual[k], 1e-15);
        }
    }
}
