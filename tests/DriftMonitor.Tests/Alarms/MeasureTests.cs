using DriftMonitor.Alarms;

namespace DriftMonitor.Tests.Alarms;

public sealed class MeasureTests
{
    [Fact]
    public void Names_are_those_that_programs_know_and_in_their_order() => Assert.Equal(
        [
            "cross_entropy_label_time", "cross_entropy_prediction_time", "cusum_live_vs_reference", "entropy_fall", "entropy_rise",
            "error_ratio_label_time", "error_ratio_prediction_time", "kl_live_vs_reference",
            "kl_reference_vs_live", "policy_kl_k1", "policy_kl_k2", "policy_kl_k3", "policy_kl_live_vs_reference",
            "policy_kl_reference_vs_live"],
        Enum.GetValues<Measure>().Select(Measures.NameOf));
}
