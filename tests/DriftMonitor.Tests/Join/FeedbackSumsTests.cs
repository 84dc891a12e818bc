using CsCheck;
using DriftMonitor.Join;
using DriftMonitor.Tests.Sums;

namespace DriftMonitor.Tests.Join;

/// <summary>The laws of a commutative group.</summary>
public sealed class FeedbackSumsTests : SumsLaws<FeedbackSums>
{
    private protected override Gen<FeedbackSums> Sums { get; } = RandomSums;

    private protected override FeedbackSums Zero => new();

    /// <summary>Sums of predictions, some of them labelled.</summary>
    internal static Gen<FeedbackSums> RandomSums { get; } =
        Gen.Select(Gen.Long[0, 1L << 32], Gen.Int[0, 15], Gen.Int[0, 2]).Array[0, 8].Select(events =>
        {
            var sums = new FeedbackSums { Predictions = events.Length };
            foreach (var (units, flags, labels) in events)
            {
                for (var i = 0; i < labels; i++)
                {
                    sums.Change(
                        new FeedbackOutcome(units * 44, units, units, units / 2, units, (flags & 1) > 0, (flags & 2) > 0, (flags & 4) > 0),
                        subtract: false);
                }
            }

            return sums;
        });

    private protected override bool AreSame(FeedbackSums one, FeedbackSums other) => one.IsSame(other);
}
