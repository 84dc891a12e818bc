using System.Globalization;
using DriftMonitor.Model;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Sources;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Sources;

/// <summary>Sources as users write them, in JSON.</summary>
internal static class SourceDescriptions
{
    public static SourceSettings Source(string json, SourceKind kind = SourceKind.Predictions) =>
        ConfigurationReader.ReadSource(
            new ConfigurationBuilder().AddJsonStream(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(json))).Build(), "source.json",
            kind);

    /// <summary>A reader of predictions of any model.</summary>
    public static PredictionReader Reader(string json, WatchedModels? models = null) => new(
        Source(json),
        new PredictionDecoder(models ?? new WatchedModels(10, 10, acceptUnknown: true), new PredictionDecoderSettings()),
        maxBytes: 1024 * 1024,
        problem => Assert.Fail(problem.ToString()));

    /// <summary>A reader of labels.</summary>
    public static LabelReader Labels(string json)
    {
        var (source, settings) = (Source(json, SourceKind.Labels), new PredictionDecoderSettings());
        var predictions = new PredictionDecoder(new WatchedModels(10, 10, acceptUnknown: true), settings);
        return new LabelReader(
            source, new FeedbackJsonDecoder(predictions, settings, source.Model, source.Format.Times), 1024 * 1024,
            problem => Assert.Fail(problem.ToString()));
    }

    /// <summary>What a record gives: each prediction as text, or that it is ignored, or why it is rejected.</summary>
    public static string[] Read(
        this PredictionReader reader, ReadOnlySpan<byte> value, Confluent.Kafka.Headers? headers = null, string key = "")
    {
        var read = new List<string>();
        for (reader.Begin(value, isNull: false, headers, System.Text.Encoding.UTF8.GetBytes(key)); reader.TryNext();)
        {
            read.Add(Text(reader.Record));
        }

        return [.. read];
    }

    public static string[] Read(this PredictionReader reader, string value, Confluent.Kafka.Headers? headers = null, string key = "") =>
        reader.Read(System.Text.Encoding.UTF8.GetBytes(value), headers, key);

    private static string Text(PredictionRecord record) =>
        record.IsIgnored ? "ignored"
        : record.Rejection != RejectionReason.None ? RejectionLabels.Of(record.Rejection)
        : string.Create(
            CultureInfo.InvariantCulture,
            $"{record.Row} {record.Model.Name}/{record.Segment?.Name ?? "-"} {record.Id} {(object?)record.PayloadTimeMs ?? "-"} ")
            + string.Join(' ', record.Probabilities.ToArray().Select(p => p.ToString(CultureInfo.InvariantCulture)));
}
