namespace DriftMonitor.Worker.Http;

/// <summary>The measures of feedback within a line of JSON. Undefined numbers are null.</summary>
internal static class FeedbackJson
{
    public static void Write(Utf8JsonWriter json, Attribution attribution, FeedbackMeasures measures)
    {
        json.WriteStartObject($"feedback_by_{SnakeCaseName.Of(attribution)}");
        json.WriteNumber("events", measures.Events);
        json.WriteNumber("capped_events", measures.CappedEvents);
        ReportJson.Number(json, "cross_entropy", measures.CrossEntropyNats);
        ReportJson.Number(json, "expected_cross_entropy", measures.ExpectedCrossEntropyNats);
        ReportJson.Number(json, "kl_label_vs_prediction", measures.KlLabelVsPredictionNats);
        ReportJson.Number(json, "accuracy", measures.AccuracyRatio);
        ReportJson.Number(json, "brier_score", measures.BrierScore);
        ReportJson.Number(json, "calibration_error", measures.CalibrationErrorRatio);
        ReportJson.Number(json, "coverage", measures.CoverageRatio);
        json.WriteStartArray("reliability");
        foreach (var bin in measures.Reliability)
        {
            json.WriteStartObject();
            json.WriteNumber("from", bin.From);
            json.WriteNumber("to", bin.To);
            json.WriteNumber("events", bin.Events);
            json.WriteNumber("confidence", bin.Confidence);
            json.WriteNumber("accuracy", bin.Accuracy);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
