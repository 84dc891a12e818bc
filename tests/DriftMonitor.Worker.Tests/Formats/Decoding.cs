using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Tests.Sources;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>A decoder with one known model, <c>m</c>, over the classes given (none: nothing has fixed them yet).</summary>
internal sealed class Decoding
{
    public Decoding(params string[] classes)
        : this(new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true), 1024 * 1024, classes)
    {
    }

    public Decoding(WatchedModels models, int maxBytes, params string[] classes)
        : this(models, new PredictionDecoderSettings { MaxBytes = maxBytes }, classes)
    {
    }

    private Decoding(WatchedModels models, PredictionDecoderSettings settings, params string[] classes)
    {
        Models = models;
        Model = models.Add("m");
        if (classes.Length > 0)
        {
            Model.Fix(new ModelClasses(ClassSpace.Create(classes), ModelClasses.Configured));
        }

        Decoder = new PredictionDecoder(models, settings);
    }

    /// <summary>One whose names are mapped by patterns of models; ten models, and ten segments of each, have places.</summary>
    public static Decoding Mapped(params (string Name, string Match)[] models) => new(
        new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true),
        new PredictionDecoderSettings { Names = new ModelNames(models) }, "a", "b");

    public WatchedModels Models { get; }

    public WatchedModel Model { get; }

    public PredictionDecoder Decoder { get; }

    public PredictionRecord Record { get; private set; } = new();

    public RejectionReason Decode(ReadOnlySpan<byte> utf8, string? topic = null, ReadOnlySpan<byte> key = default)
    {
        Decoder.Decode(utf8, topic, key, Record);
        return Record.Rejection;
    }

    /// <summary>Reads a record that is one prediction, of any format.</summary>
    public RejectionReason Read(byte[] value, string format, Headers? headers = null)
    {
        var reader = Reader(format, Decoder);
        reader.Begin(value, isNull: false, headers ?? [], default);
        Assert.True(reader.TryNext());
        Record = reader.Record;
        return Record.Rejection;
    }

    /// <summary>A reader of a format, <c>cloudevents+</c> before it or not.</summary>
    public static PredictionReader Reader(string format, PredictionDecoder decoder) => new(
        SourceDescriptions.Source(JsonSerializer.Serialize(new { Format = format })), decoder, maxBytes: 100 * 1024 * 1024,
        problem => Assert.Fail(problem.ToString()));

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
