using System.Globalization;
using System.Reactive.Subjects;
using System.Text;
using DriftMonitor.Lanes;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Formats.Proto;
using DriftMonitor.Worker.Tests.Sources;
using Google.Protobuf;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>Which model and which version of it a record is of, by a field or by the name.</summary>
public sealed class ModelVersionTests
{
    private const long HourMs = 3_600_000;

    private readonly Decoding _decoding = Decoding.Mapped(
        ("fraud", "fraud-(?<version>.*)"), ("eu", "fraud-eu-(?<version>.+)|eu"), ("fraud-exact", ""));

    [Theory]
    [InlineData("fraud-2026-11-27", "fraud", "version=2026-11-27")]
    [InlineData("fraud-", "fraud", null)] // an empty version is none
    [InlineData("fraud", "fraud", null)]
    [InlineData("fraud-eu-1", "fraud", "version=eu-1")] // the first pattern holds
    [InlineData("fraud-exact", "fraud-exact", null)] // a model's own name before any pattern
    [InlineData("my-fraud-1", "my-fraud-1", null)] // whole names
    [InlineData("Fraud-1", "Fraud-1", null)]
    [InlineData("eu", "eu", null)]
    public void Names_that_match_are_of_a_model_and_a_version(string name, string model, string? version)
    {
        Assert.Equal((model, version), Decoded($$"""{"model":"{{name}}","probs":{"a":0.5,"b":0.5} }"""));
        Assert.Equal(RejectionReason.None, _decoding.Decode("""{"probs":{"a":0.5,"b":0.5}}""", topic: name));
        Assert.Equal((model, version), (_decoding.Record.Model.Name, _decoding.Record.Version?.Name));
        Assert.Equal(RejectionReason.None, _decoding.Decode("""{"probs":{"a":0.5,"b":0.5}}""", key: name));
        Assert.Equal((model, version), (_decoding.Record.Model.Name, _decoding.Record.Version?.Name));
        Assert.Same(_decoding.Record.Model, _decoding.Decoder.Known(name));
    }

    [Theory]
    [InlineData("\"v2\"", "version=v2")]
    [InlineData("2", "version=2")]
    [InlineData("2.0", "version=2")]
    [InlineData("true", "version=true")]
    [InlineData("null", "version=7")]
    [InlineData("\"\"", "version=7")]
    public void A_field_goes_before_the_name(string field, string version)
    {
        Assert.Equal(("fraud", version), Decoded($$"""{"model":"fraud-7","version":{{field}},"probs":{"a":1,"b":0} }"""));
        Assert.Equal(PredictionField.Unknown, _decoding.Decoder.FallenBack);
    }

    [Theory]
    [InlineData("fraud-7", "{}", "version=7")]
    [InlineData("fraud-7", "\"a\\nb\"", "version=7")]
    [InlineData("fraud-7", "\"x vs rest\"", "version=7")]
    [InlineData("fraud", "[1]", null)]
    [InlineData("fraud-x vs rest", "null", null)]
    public void One_that_cannot_be_shown_does_not_cost_the_prediction_and_is_counted(string name, string field, string? version)
    {
        Assert.Equal(("fraud", version), Decoded($$"""{"model":"{{name}}","version":{{field}},"probs":{"a":1,"b":0} }"""));
        Assert.Equal(PredictionField.Version, _decoding.Decoder.FallenBack);
    }

    [Theory]
    [InlineData(248, true)]
    [InlineData(249, false)]
    public void The_segment_of_a_version_is_no_longer_than_any_name(int length, bool isTaken)
    {
        var version = new string('v', length);
        var counted = ("fraud", isTaken ? $"version={version}" : null);
        Assert.Equal(counted, Decoded($$"""{"model":"fraud","version":"{{version}}","probs":{"a":1,"b":0} }"""));
        Assert.Equal(isTaken ? PredictionField.Unknown : PredictionField.Version, _decoding.Decoder.FallenBack);
        Assert.Equal(counted, Decoded($$"""{"model":"fraud-{{version}}","probs":{"a":1,"b":0} }"""));
        Assert.Equal(isTaken ? PredictionField.Unknown : PredictionField.Version, _decoding.Decoder.FallenBack);
    }

    [Fact]
    public void Protobuf_and_maps_have_versions_too()
    {
        var wire = new Prediction { Model = "fraud-7", Version = "v2", Probability = 0.5 };
        Assert.Equal(RejectionReason.None, _decoding.Read(wire.ToByteArray(), "protobuf"));
        Assert.Equal("version=v2", _decoding.Record.Version?.Name);
        wire.Version = "a\nb";
        Assert.Equal(RejectionReason.None, _decoding.Read(wire.ToByteArray(), "protobuf"));
        Assert.Equal(("version=7", PredictionField.Version), (_decoding.Record.Version?.Name, _decoding.Decoder.FallenBack));

        var mapped = SourceDescriptions.Reader("""{"Model":"m","Map":{"version":"/build/number","probability":"/p"}}""");
        mapped.Begin("""{"build":{"number":17},"p":0.25}"""u8, isNull: false, null, default);
        Assert.True(mapped.TryNext());
        Assert.Equal("version=17", mapped.Record.Version?.Name);
    }

    /// <summary>A segment that is called as a version is that version's: the event counts there once.</summary>
    [Fact]
    public void A_segment_and_a_version_of_one_name_are_one_series()
    {
        Decoded("""{"model":"fraud","segment":"version=2","version":"2","probs":{"a":1,"b":0}}""");
        Assert.Same(_decoding.Record.Segment, _decoding.Record.Version);
        Assert.Equal(["_all:1", "version=2:1"], Counted(_decoding.Record));
        Decoded("""{"model":"fraud","segment":"version=1","version":"2","probs":{"a":1,"b":0}}""");
        Assert.Equal(["_all:1", "version=1:1", "version=2:1"], Counted(_decoding.Record));
        Decoded("""{"model":"fraud","segment":"DE","version":"2","probs":{"a":1,"b":0}}""");
        Assert.Equal(["DE:1", "_all:1", "version=2:1"], Counted(_decoding.Record));
    }

    [Fact]
    public void Labels_are_of_the_model_that_their_name_stands_for()
    {
        var settings = new PredictionDecoderSettings { Names = new ModelNames([("fraud", "fraud-(?<version>.+)")]) };
        var models = new WatchedModels(10, 10, acceptUnknown: true);
        var labels = new FeedbackJsonDecoder(new PredictionDecoder(models, settings), settings, null);
        var joined = labels.Decode("""{"model":"fraud-7","id":"1","label":"a"}"""u8, default);
        Assert.Equal((RejectionReason.None, "fraud"), (joined.Rejection, joined.Model));
        Assert.Equal("fraud", labels.Decode("""{"id":"1","label":"a"}"""u8, "fraud-8"u8).Model);

        var carried = labels.Decode("""{"model":"fraud-7","segment":"DE","label":"a","probs":{"a":0.5,"b":0.5}}"""u8, default);
        Assert.Equal((RejectionReason.None, "fraud"), (carried.Rejection, carried.Model));
        Assert.Equal(["DE", "version=7"], carried.Prediction!.Segments);
        Assert.Equal(["version=8"], labels.Decode("""{"label":"a","probs":{"a":0.5,"b":0.5}}"""u8, "fraud-8"u8).Prediction!.Segments);
    }

    [Fact]
    public void A_record_whose_segment_or_version_is_beyond_the_cap_is_counted_once_and_counts_in_all_traffic()
    {
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(("fraud", i < 10 ? $"version={i}" : null), Decoded($$"""{"model":"fraud-{{i}}","probs":{"a":1,"b":0} }"""));
        }

        Assert.Equal(2, _decoding.Decoder.SegmentsRefused);
        Assert.Equal(("fraud", null), Decoded("""{"model":"fraud-new","segment":"new","probs":{"a":1,"b":0}}"""));
        Assert.Equal(3, _decoding.Decoder.SegmentsRefused);
    }

    /// <summary>
    /// Case 29: six deploys, each with a name of its own, three places, and models that are silent for the longest window and a day. The
    /// case's 12 seconds of a deploy stand for a day. A retired model's place is free again.
    /// </summary>
    [Fact]
    public void A_retired_model_s_place_is_free_again()
    {
        const long StepMs = 24 * HourMs / 240;
        var models = new WatchedModels(3, 0, acceptUnknown: true, silenceMs: 48 * HourMs);
        var decoder = new PredictionDecoder(models, new PredictionDecoderSettings());
        using var records = new Subject<PredictionRecord>();
        using var ticks = new Subject<PublishTick>();
        var (counted, rejected) = (new Dictionary<string, long>(), 0);
        using var lane = records.AddIntoPanes(ticks, 0, Plan()).Subscribe(said =>
        {
            rejected += said is RejectedRecord ? 1 : 0;
            foreach (var register in said is LanePublication publication ? publication.Registers : [])
            {
                counted[register.Series.Model] = counted.GetValueOrDefault(register.Series.Model) + register.Sums.Events;
            }
        });
        for (var i = 0; i < 6 * 240; i++)
        {
            var record = new PredictionRecord { Offset = i, RecordTimeMs = 1_780_000_000_000 + (i * StepMs) };
            var json = string.Create(CultureInfo.InvariantCulture, $$"""{"model":"fraud-build-{{i / 240}}","probs":[0.9,0.1]}""");
            decoder.Decode(Encoding.UTF8.GetBytes(json), null, default, record);
            records.OnNext(record);
        }

        records.OnCompleted();
        Assert.Equal(0, rejected);
        Assert.Equal(Enumerable.Range(0, 6).ToDictionary(i => $"fraud-build-{i}", _ => 240L), counted);
    }

    private (string Model, string? Version) Decoded(string json)
    {
        Assert.Equal(RejectionReason.None, _decoding.Decode(json));
        return (_decoding.Record.Model.Name, _decoding.Record.Version?.Name);
    }

    private static WindowPlan Plan() => WindowPlan.Create(
        [WindowSpec.TryParse("1h/1m", out var window, out var problem) ? window : throw new FormatException(problem)],
        TimeSpan.Zero, TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>The series that a record counts in, with the events that it is there.</summary>
    private static IEnumerable<string> Counted(PredictionRecord record)
    {
        var registers = new List<string>();
        using var records = new Subject<PredictionRecord>();
        using var ticks = new Subject<PublishTick>();
        using var lane = records.AddIntoPanes(ticks, 0, Plan()).Subscribe(
            said => registers.AddRange(((LanePublication)said).Registers.Select(
                register => string.Create(CultureInfo.InvariantCulture, $"{register.Series.Segment}:{register.Sums.Events}"))));
        records.OnNext(record);
        records.OnCompleted();
        return registers.Order(StringComparer.Ordinal);
    }
}
