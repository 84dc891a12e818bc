namespace DriftMonitor.Worker.Configuration;

/// <summary>Sources of systems that many people have, by the name that <c>Format</c> gives them. They are data.</summary>
internal static class Presets
{
    private const string Component = "header:ce_component";
    private const string Type = "header:ce_type";

    /// <summary>The presets. What the user writes beside a preset overrides it.</summary>
    public static ImmutableSortedDictionary<string, SourceOptions> ByName { get; } = ImmutableSortedDictionary.CreateRange(
        StringComparer.Ordinal,
        [
            // KServe's inference logger, protocol V1: requests and the transformer's responses are no predictions.
            KeyValuePair.Create("kserve-v1", new SourceOptions
            {
                Frame = "cloudevents",
                Only = new() { [Type] = ["org.kubeflow.serving.inference.response"], [Component] = ["predictor"] },
                Rows = "/predictions",
                Map = new() { ["probs"] = "" },
            }),

            // The same logger, protocol V2.
            KeyValuePair.Create("kserve-v2-logger", new SourceOptions
            {
                Format = "kserve-v2",
                Frame = "cloudevents",
                Only = new() { [Type] = ["org.kubeflow.serving.inference.response"], [Component] = ["predictor"] },
            }),

            // TensorFlow Serving's answer to predict, and that of whatever speaks its protocol.
            KeyValuePair.Create("tf-serving", new SourceOptions { Rows = "/predictions", Map = new() { ["probs"] = "" } }),

            // TorchServe's image classifier: the names and probabilities of the five best of many classes.
            KeyValuePair.Create("torchserve", new SourceOptions { Map = new() { ["top_probs"] = "" } }),

            // Databricks' and MLflow's inference tables as JSON: the response is text within the row.
            KeyValuePair.Create("inference-table", new SourceOptions
            {
                Only = new() { ["/status_code"] = ["200"] },
                Rows = "/response//predictions",
                Map = new() { ["id"] = "^/databricks_request_id", ["ts"] = "^/timestamp_ms", ["probs"] = "" },
            }),

            // The same of Databricks' AI Gateway.
            KeyValuePair.Create("inference-table-gateway", new SourceOptions
            {
                Only = new() { ["/status_code"] = ["200"] },
                Rows = "/response//predictions",
                Map = new() { ["id"] = "^/databricks_request_id", ["ts"] = "^/request_time", ["probs"] = "" },
            }),

            // SageMaker's data capture: the response is text within the event.
            KeyValuePair.Create("sagemaker-capture", new SourceOptions
            {
                Rows = "/captureData/endpointOutput/data//predictions",
                Map = new()
                {
                    ["id"] = "^/eventMetadata/eventId",
                    ["ts"] = "^/eventMetadata/inferenceTime",
                    ["score"] = "/score",
                },
            }),
        ]);

    public static string FormatsAllowed { get; } =
        $"{SourceOptions.FormatsAllowed}, or one of the presets {string.Join(", ", ByName.Keys)}";

    /// <summary>The source with what its preset says where the user says nothing.</summary>
    public static SourceOptions Apply(SourceOptions source)
    {
        if (!ByName.TryGetValue(source.Format, out var preset))
        {
            return source;
        }

        var hasOutput = source.Map.Keys.Any(SourceOptions.IsOutput);
        return new SourceOptions
        {
            Name = source.Name,
            Topic = source.Topic,
            Kind = source.Kind,
            Format = preset.Format,
            Frame = source.Frame.Length > 0 ? source.Frame : preset.Frame,
            SchemaRegistry = source.SchemaRegistry,
            Only = Merged(preset.Only, source.Only),
            Model = source.Model,
            Segment = source.Segment,
            Rows = source.Rows.Length > 0 ? source.Rows : preset.Rows,
            Map = Merged(preset.Map.Where(field => !(hasOutput && SourceOptions.IsOutput(field.Key))), source.Map),
            TimeUnit = source.TimeUnit,
            TimeZone = source.TimeZone,
            Join = source.Join,
            Deduplicate = source.Deduplicate,
            Setting = source.Setting,
        };
    }

    /// <summary>What the preset says, and in its place what the user does.</summary>
    private static Dictionary<string, T> Merged<T>(IEnumerable<KeyValuePair<string, T>> preset, Dictionary<string, T> written) =>
        preset.Where(pair => !written.ContainsKey(pair.Key)).Concat(written).ToDictionary(StringComparer.Ordinal);
}
