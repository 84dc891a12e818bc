using System.Text.Json.Nodes;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Views;

/// <summary>A report as a JSON object. Undefined numbers are null.</summary>
internal static class ReportJson
{
    public static JsonObject Of(DriftReport report, ReplayFeedback? feedback = null)
    {
        var (window, divergences, trailing) = (report.Window, report.Divergences, report.Trailing);
        var json = MonitorJson.Of(new
        {
            window.Series.Model,
            window.Series.Segment,
            Window = window.Window.Name,
            From = window.FromMs,
            To = window.ToMs,
            window.Events,
            report.Ready,
            report.Readiness,
            KlLiveVsReference = divergences?.KlLiveVsReferenceNats,
            KlReferenceVsLive = divergences?.KlReferenceVsLiveNats,
            Js = divergences?.JensenShannonNats,
            divergences?.Psi,
            divergences?.TotalVariation,
            divergences?.Hellinger,
            Entropy = report.EntropyNats,
            MeanEntropy = report.Dispersion.LiveNats,
            ReferenceMeanEntropy = report.Dispersion.ReferenceNats,
            MeanEntropyNoiseFloor = report.Dispersion.NoiseFloorNats,
            KlNoiseFloor = divergences?.NoiseFloorNats,
            UnseenMass = divergences?.UnseenMassRatio,
            KlLiveVsTrailing = trailing?.KlLiveVsTrailingNats,
            KlTrailingVsLive = trailing?.KlTrailingVsLiveNats,
            TrailingNoiseFloor = trailing?.NoiseFloorNats,
            TrailingEvents = trailing?.Events,
            TrailingReady = trailing is { Ready: true },
            RestEvents = window.Rest?.Events,
            report.Pace,
            LowerBound = report.IsLowerBound,
            PolicyKl = report.Policy.Select(Of),
            PolicyEvents = window.Policy?.Events ?? 0,
            PolicyClampedEvents = window.Policy?.ClampedEvents ?? 0,
            ReferenceId = report.Reference?.Id,
            Contributions = report.Contributions.Select(
                each => new { each.Class, KlLiveVsReference = each.Nats, Live = each.LiveShare, Reference = each.ReferenceShare }),
            RestContribution = divergences is null ? (double?)null : report.RestContributionNats,
        });
        foreach (var attribution in feedback is null ? [] : Enum.GetValues<Attribution>())
        {
            json.Add($"feedback_by_{SnakeCaseName.Of(attribution)}", Of(feedback!.Over(window, attribution)));
        }

        return json;
    }

    private static object Of(PolicyDivergence divergence)
    {
        var (direction, estimator) = PolicyLabels.Of(Measures.Of(divergence.Estimate));
        return new { Direction = direction, Estimator = estimator, divergence.Nats, StandardError = divergence.StandardErrorNats };
    }

    private static JsonObject Of(FeedbackMeasures measures) => MonitorJson.Of(new
    {
        measures.Events,
        measures.CappedEvents,
        CrossEntropy = measures.CrossEntropyNats,
        ExpectedCrossEntropy = measures.ExpectedCrossEntropyNats,
        KlLabelVsPrediction = measures.KlLabelVsPredictionNats,
        Accuracy = measures.AccuracyRatio,
        measures.BrierScore,
        CalibrationError = measures.CalibrationErrorRatio,
        Coverage = measures.CoverageRatio,
        measures.Reliability,
    });
}
