using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using FluentValidation;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote of one source in <c>Sources</c>: a topic, or files, of predictions or of labels.</summary>
internal sealed class SourceOptions
{
    internal const string TimeUnits = "ms, s, us or ns";

    /// <summary>What may stand before a format instead of the frame.</summary>
    private const string InCloudEvents = "cloudevents+";

    private const string Utc = "UTC";

    private static readonly string[] LabelFields = ["id", "ts", "model", "label", "label_index", "labels"];

    /// <summary>What the source is called; its topic if left out.</summary>
    public string Name { get; set; } = "";

    /// <summary>The topic to read; empty for a source that is only read from files.</summary>
    public string Topic { get; set; } = "";

    /// <summary><c>predictions</c> or <c>labels</c>.</summary>
    public string Kind { get; set; } = "predictions";

    /// <summary>What the payload is written in, or a preset.</summary>
    public string Format { get; set; } = "json";

    /// <summary>What is wrapped around the payload, from the outside to the inside, joined by <c>+</c>; empty for nothing.</summary>
    public string Frame { get; set; } = "";

    /// <summary>Where the schemas of <c>confluent</c> frames are; without it they are not looked up.</summary>
    public SchemaRegistryOptions SchemaRegistry { get; set; } = new();

    /// <summary>Header (<c>header:NAME</c>) or JSON Pointer → the values of records that are read; all others are ignored.</summary>
    public Dictionary<string, string[]> Only { get; set; } = [];

    /// <summary>The model of records that name none; empty for the record's key.</summary>
    public string Model { get; set; } = "";

    /// <summary>The segment of records that name none; empty for none.</summary>
    public string Segment { get; set; } = "";

    /// <summary>A JSON Pointer to an array, each item of which is an event; empty for one event a record.</summary>
    public string Rows { get; set; } = "";

    /// <summary>Field → JSON Pointer to its value.</summary>
    public Dictionary<string, string> Map { get; set; } = [];

    /// <summary>The unit of times that are numbers.</summary>
    public string TimeUnit { get; set; } = "ms";

    /// <summary>The zone of times that are text without an offset.</summary>
    public string TimeZone { get; set; } = Utc;

    /// <summary>Whether the labels topic is joined to these predictions.</summary>
    public bool Join { get; set; } = true;

    /// <summary>Whether the second of an id counts in no window.</summary>
    public bool Deduplicate { get; set; } = true;

    /// <summary>The setting that names the topic.</summary>
    internal string Setting { get; set; } = "";

    internal bool IsLabels => Kind == "labels";

    /// <summary>What the payload without its frames is written in, or a preset.</summary>
    internal string Payload => Format.StartsWith(InCloudEvents, StringComparison.Ordinal) ? Format[InCloudEvents.Length..] : Format;

    /// <summary>The frames that are written, null for a name that there is not.</summary>
    internal IEnumerable<SourceFrame?> Frames() => $"{Frame}+{Format[..^Payload.Length]}"
        .Split('+', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(name => Enum.GetValues<SourceFrame>().Cast<SourceFrame?>().FirstOrDefault(frame => FrameName(frame!.Value) == name));

    internal static string FrameName(SourceFrame frame) => frame.ToString().ToLowerInvariant();

    internal static TimeUnit? UnitOf(string text) => text switch
    {
        "ms" => Formats.TimeUnit.Milliseconds,
        "s" => Formats.TimeUnit.Seconds,
        "us" => Formats.TimeUnit.Microseconds,
        "ns" => Formats.TimeUnit.Nanoseconds,
        _ => null,
    };

    /// <summary>Whether it is a format, with or without CloudEvents around it, and no preset.</summary>
    internal static bool IsFormat(string format) => PredictionFormat.TryParse(new SourceOptions { Format = format }.Payload, out _);

    /// <summary>The zone of that name; null for UTC.</summary>
    /// <returns>False if this machine knows none of that name.</returns>
    internal static bool TryFindZone(string name, out TimeZoneInfo? zone)
    {
        zone = null;
        return name == Utc || (name.Length > 0 && TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone));
    }

    internal static bool IsOutput(string field) =>
        field is "label_index" or "labels" || (PredictionFields.Of(Encoding.UTF8.GetBytes(field)) & PredictionField.Outputs) != 0;

    internal const string FormatsAllowed = $"{PredictionFormat.Allowed}, each also with {InCloudEvents} before it";

    internal sealed class Validator : AbstractValidator<SourceOptions>
    {
        private static readonly string FramesAllowed =
            $"{string.Join(", ", Enum.GetValues<SourceFrame>().Select(FrameName))}, or several joined by + from the outside to the inside";

        public Validator(Secrets secrets)
        {
            RuleFor(source => source.SchemaRegistry).SetValidator(new SchemaRegistryOptions.Validator(secrets))
                .When(source => source.SchemaRegistry.Url.Length + source.SchemaRegistry.Client.Count > 0);
            RuleFor(source => source.SchemaRegistry.Url).Must((source, _) => source.Frames().Contains(SourceFrame.Confluent))
                .WithMessage("must be left out where Frame has no confluent").When(source => source.SchemaRegistry.Url.Length > 0);
            RuleFor(source => source.Topic).TopicOrNone();
            RuleFor(source => source.Kind).MustBe(kind => kind is "predictions" or "labels", "predictions or labels");
            RuleFor(source => source.Format).MustBe(
                format => IsFormat(format) || Presets.ByName.ContainsKey(format), Presets.FormatsAllowed);
            RuleFor(source => source.Format).MustBe(
                format => format is "json" or $"{InCloudEvents}json",
                $"json or {InCloudEvents}json: labels can be read from JSON only").When(source => source.IsLabels);
            RuleFor(source => source.Frame).Must((source, _) => source.Frames().All(frame => frame is not null))
                .WithMessage($"must be {FramesAllowed}");
            RuleFor(source => source.Model).MustBe(model => model.Length == 0 || JsonNames.IsLabel(model), ModelOptions.NameAllowed);
            RuleFor(source => source.Segment).MustBe(
                segment => segment.Length == 0 || JsonNames.IsSegment(segment), ModelOptions.SegmentAllowed);
            RuleFor(source => source.Rows).MustBe(
                rows =>
                    rows.Length == 0 || JsonPointer.TryParse(rows, out _), $"{JsonPointer.Allowed}; ^ alone for a record that is an array");
            RuleFor(source => source.TimeUnit).MustBe(unit => UnitOf(unit) is not null, TimeUnits);
            RuleFor(source => source.TimeZone).MustBe(
                zone => TryFindZone(zone, out _), "a zone of the IANA database that this machine knows, such as UTC or Europe/Berlin");
            RuleFor(source => source).Custom((source, context) => CheckPointers(Presets.Apply(source), context));
        }

        private static void CheckPointers(SourceOptions source, ValidationContext<SourceOptions> context)
        {
            foreach (var (key, values) in source.Only)
            {
                var isHeader = key.StartsWith(SourceFilter.HeaderPrefix, StringComparison.Ordinal);
                if (isHeader ? key.Length == SourceFilter.HeaderPrefix.Length : !JsonPointer.TryParse(key, out _))
                {
                    context.Problem(
                        $"Only:{key}", string.Join(", ", values),
                        isHeader ? "the key must have the name of a header after the colon: header:NAME"
                            : $"the key must be header:NAME or {JsonPointer.Allowed}");
                }

                context.Require($"Only:{key}", null, values.Length > 0, "a value, or a list of values");
            }

            foreach (var (field, text) in source.Map)
            {
                if (!IsField(source, field))
                {
                    context.Problem($"Map:{field}", text, $"there is no field {field}; the fields are {Fields(source)}");
                }

                context.Require($"Map:{field}", text, JsonPointer.TryParse(text, out _), JsonPointer.Allowed);
            }

            var outputs = source.Map.Keys.Count(IsOutput);
            var one = source.IsLabels ? "exactly one of the fields label, label_index and labels, besides fields such as id and ts"
                : $"exactly one output field ({OutputsAllowed}), besides fields such as id and ts";
            context.Require(
                "Map", string.Join(", ", source.Map.Keys), !source.IsLabels || source.Map.Count == 0 || source.Map.ContainsKey("id"),
                "a map with the field id (the id of the label's prediction)");
            context.Require(
                "Map", string.Join(", ", source.Map.Keys),
                outputs == 1 || source.Map.Count == 0 || !source.Map.Keys.All(field => IsField(source, field)), $"a map with {one}");
            var isOutputOfRecord = source.Rows.Length > 0
                && source.Map.Any(field => IsOutput(field.Key) && field.Value.StartsWith('^'));
            var looksIntoPayload = source.Map.Count > 0 || source.Rows.Length > 0
                || source.Only.Keys.Any(key => !key.StartsWith(SourceFilter.HeaderPrefix, StringComparison.Ordinal));
            context.Require(
                "Format", source.Format, !looksIntoPayload || source.Payload == "json" || !IsFormat(source.Format),
                "json where Map, Rows or a JSON Pointer in Only looks into the payload");
            if (isOutputOfRecord)
            {
                context.Problem(
                    "Map", null, "must map the output to a JSON Pointer into each row, without ^, which points into the whole record");
            }
        }

        private static string OutputsAllowed => string.Join(", ", PredictionFields.Names.Where(IsOutput));

        private static string Fields(SourceOptions source) =>
            string.Join(", ", source.IsLabels ? LabelFields : PredictionFields.Names);

        private static bool IsField(SourceOptions source, string field) =>
            source.IsLabels ? LabelFields.Contains(field, StringComparer.Ordinal) : PredictionFields.Names.Contains(field);
    }
}
