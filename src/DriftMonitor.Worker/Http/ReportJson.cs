using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Http;

/// <summary>A report as one line of JSON. Undefined numbers are null.</summary>
internal static class ReportJson
{
    /// <param name="json">Where to.</param>
    /// <param name="report">The report.</param>
    /// <param name="feedback">What labels say of it; null without any.</param>
    /// <param name="more">Writes what else the line has, at its end.</param>
    public static void Write(Utf8JsonWriter json, DriftReport report, ReplayFeedback? feedback = null, Action<Utf8JsonWriter>? more = null)
    {
        var window = report.Window;
        json.WriteStartObject();
        json.WriteString("model", window.Series.Model);
        json.WriteString("segment", window.Series.Segment);
        json.WriteString("window", window.Window.Name);
        json.WriteNumber("from", window.FromMs);
        json.WriteNumber("to", window.ToMs);
        json.WriteNumber("events", window.Events);
        json.WriteBoolean("ready", report.Ready);
        json.WriteString("readiness", SnakeCaseName.Of(report.Readiness));
        Number(json, "kl_live_vs_reference", report.Divergences?.KlLiveVsReferenceNats);
        Number(json, "kl_reference_vs_live", report.Divergences?.KlReferenceVsLiveNats);
        Number(json, "js", report.Divergences?.JensenShannonNats);
        Number(json, "psi", report.Divergences?.Psi);
        Number(json, "total_variation", report.Divergences?.TotalVariation);
        Number(json, "hellinger", report.Divergences?.Hellinger);
        Number(json, "entropy", report.EntropyNats);
        Number(json, "kl_noise_floor", report.Divergences?.NoiseFloorNats);
        Number(json, "unseen_mass", report.Divergences?.UnseenMassRatio);
        Number(json, "kl_live_vs_trailing", report.Trailing?.KlLiveVsTrailingNats);
        Number(json, "kl_trailing_vs_live", report.Trailing?.KlTrailingVsLiveNats);
        Number(json, "trailing_noise_floor", report.Trailing?.NoiseFloorNats);
        Number(json, "trailing_events", report.Trailing?.Events);
        json.WriteBoolean("trailing_ready", report.Trailing is { Ready: true });
        json.WriteString("pace", SnakeCaseName.Of(report.Pace));
        json.WriteBoolean("lower_bound", report.IsLowerBound);
        json.WriteStartArray("policy_kl");
        foreach (var divergence in report.Policy)
        {
            var (direction, estimator) = PolicyLabels.Of(divergence.Estimate);
            json.WriteStartObject();
            json.WriteString("direction", direction);
            json.WriteString("estimator", estimator);
            json.WriteNumber("nats", divergence.Nats);
            Number(json, "standard_error", divergence.StandardErrorNats);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteNumber("policy_events", window.Policy?.Events ?? 0);
        json.WriteNumber("policy_clamped_events", window.Policy?.ClampedEvents ?? 0);
        json.WriteString("reference_id", report.Reference?.Id);
        json.WriteStartArray("contributions");
        foreach (var contribution in report.Contributions)
        {
            json.WriteStartObject();
            json.WriteString("class", contribution.Class);
            Number(json, "kl_live_vs_reference", contribution.Nats);
            json.WriteNumber("live", contribution.LiveShare);
            json.WriteNumber("reference", contribution.ReferenceShare);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        Number(json, "rest_contribution", report.Divergences is null ? null : report.RestContributionNats);
        if (feedback is not null)
        {
            FeedbackJson.Write(json, Attribution.LabelTime, feedback.Over(window, Attribution.LabelTime));
            FeedbackJson.Write(json, Attribution.PredictionTime, feedback.Over(window, Attribution.PredictionTime));
        }

        more?.Invoke(json);
        json.WriteEndObject();
    }

    public static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
