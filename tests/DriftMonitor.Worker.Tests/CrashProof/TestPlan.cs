using DriftMonitor.Panes;
using DriftMonitor.Worker.Tests.Wire;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// The windows of the crash proof, short, so that much happens in little time, but long enough to be compared at leisure; but for the
/// shortest, by which alarms begin and end.
/// </summary>
internal static class TestPlan
{
    public const string Spans = "4s/1s, 60s/1s, 120s/5s";
    public const string LatenessText = "2s";
    public const string SkewText = "1s";
    public const string SlackText = "1s";
    public const long LatenessMs = 2_000;
    public const long SkewMs = 1_000;
    public const long SlackMs = 1_000;
    public const long BasePaneMs = 1_000;

    public const long ReferenceStartMs = 1_767_225_600_000;

    public static readonly WindowPlan Plan = TestRecords.Plan(
        Spans.Replace(",", "", StringComparison.Ordinal), new LanePlan(BasePaneMs, LatenessMs, SkewMs, SlackMs));

    /// <summary>How long before the live traffic the log begins, so that every window is complete when it is compared.</summary>
    public const long HistoryMs = 130_000;

    public static readonly WindowSpec[] Windows = [
        .. Spans.Split(", ").Select(
            text => WindowSpec.TryParse(text, out var spec, out var problem) ? spec : throw new InvalidOperationException(problem))];
}
