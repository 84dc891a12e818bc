using System.Collections.Immutable;
using DriftMonitor.Feedback;
using DriftMonitor.Monitoring;

namespace DriftMonitor.Alarms;

/// <summary>What an alarm is explained from.</summary>
/// <param name="Reports">The latest report of each series and window; those of other models are passed over.</param>
/// <param name="Feedback">The latest windows of labels; likewise.</param>
/// <param name="Drift">The readings of a report's divergence.</param>
/// <param name="Policy">The readings of a report's policy KL.</param>
/// <param name="CrossEntropy">The readings of a window of labels.</param>
/// <param name="MinimumEvents">Labels, or events of two policies, that a window must have to be believed.</param>
public sealed record AlarmEvidence(
    IEnumerable<DriftReport> Reports,
    IEnumerable<FeedbackWindow> Feedback,
    Func<DriftReport, ImmutableArray<Reading>> Drift,
    Func<DriftReport, ImmutableArray<Reading>> Policy,
    Func<FeedbackWindow, ImmutableArray<Reading>> CrossEntropy,
    long MinimumEvents);
