using DriftMonitor.Divergence;
using DriftMonitor.Sums;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Labels, policies and entropies of events that do not drift.</summary>
internal static class HardValues
{
    private const int States = 4_000;
    private const double WanderSeconds = 60;

    /// <summary>Labels: one in ten is wrong, and costs 1 nat and more; what is right costs a tenth of one.</summary>
    /// <param name="random">Draws.</param>
    /// <param name="events">How many a pane has on average.</param>
    /// <param name="wander">By how much the log-odds of an error wander.</param>
    public static SimulatedPart Labels(RandomSource random, double events, double wander)
    {
        var odds = new Wander(random, wander, WanderSeconds);
        return new SimulatedPart(new WatchedLabels(), new ValueStream(random, events, (pane, values) =>
        {
            var wrong = random.NextDouble() < Probability(0.1, odds.At(pane));
            values[WatchedLabels.Error] = wrong ? 1 : 0;
            values[WatchedLabels.Cost] = wrong ? 1 + Exponential.Sample(random, 1) : Exponential.Sample(random, 10);
        }));
    }

    /// <summary>Two policies over ten actions, whole, in states half of which know them further apart.</summary>
    /// <param name="random">Draws.</param>
    /// <param name="events">How many events a pane has on average.</param>
    /// <param name="wander">By how much the log-odds of those states wander.</param>
    public static SimulatedPart WholePolicies(RandomSource random, double events, double wander)
    {
        var odds = new Wander(random, wander, WanderSeconds);
        var (near, far) = (Pool(random, apart: 0.2), Pool(random, apart: 0.5));
        var watched = new WatchedPolicies(PolicyEstimate.ExactLiveVsReference, PolicyEstimate.ExactReferenceVsLive);
        return new SimulatedPart(watched, new ValueStream(random, events, (pane, values) =>
        {
            var states = random.NextDouble() < Probability(0.5, odds.At(pane)) ? far : near;
            (values[0], values[1], _) = states[random.Next(States)];
        }));
    }

    /// <summary>Sampled log-probabilities.</summary>
    /// <param name="random">Draws.</param>
    /// <param name="events">How many events a pane has on average.</param>
    /// <param name="logRatio">Draws ln π_ref − ln π_cur of an event.</param>
    public static SimulatedPart SampledPolicies(RandomSource random, double events, Func<RandomSource, double> logRatio) => new(
        new WatchedPolicies(PolicyEstimate.K1, PolicyEstimate.K2, PolicyEstimate.K3),
        new ValueStream(random, events, (pane, values) =>
            (values[0], values[1], values[2], _) = SampledKullbackLeibler.Of(0, logRatio(random))));

    /// <summary>Entropies of outputs that are Dirichlet around Zipf's shares, one a class.</summary>
    /// <param name="random">Draws.</param>
    /// <param name="events">How many a pane has on average.</param>
    /// <param name="classes">K.</param>
    public static SimulatedPart SoftOutputs(RandomSource random, double events, int classes)
    {
        double[] concentrations = [.. new StreamKind("", classes, 0).Shares.Select(share => classes * share)];
        return Entropies(random, events, _ => Dirichlet.Sample(random, concentrations));
    }

    /// <summary>Entropies of softmaxes over ten classes, whose temperature wanders.</summary>
    /// <param name="random">Draws.</param>
    /// <param name="events">How many a pane has on average.</param>
    /// <param name="wander">By how much the logarithm of the temperature wanders.</param>
    public static SimulatedPart Softmaxes(RandomSource random, double events, double wander)
    {
        var temperature = new Wander(random, wander, WanderSeconds);
        return Entropies(random, events, pane =>
        {
            var sharpness = Math.Exp(-temperature.At(pane));
            return Softmax([.. Enumerable.Range(0, 10).Select(k => sharpness * Normal.Sample(random, -0.3 * k, 2))]);
        });
    }

    private static SimulatedPart Entropies(RandomSource random, double events, Func<long, double[]> draw) =>
        new(new WatchedDispersion(), new ValueStream(random, events, (pane, values) => values[0] = Entropy.Of(draw(pane))));

    private static PairedKullbackLeibler[] Pool(RandomSource random, double apart) =>
        [.. Enumerable.Range(0, States).Select(_ => State(random, apart))];

    private static PairedKullbackLeibler State(RandomSource random, double apart)
    {
        double[] logits = [.. Enumerable.Range(0, 10).Select(_ => Normal.Sample(random, 0, 1))];
        return PairedKullbackLeibler.Of(
            Softmax(logits), Softmax([.. logits.Select(logit => logit + Normal.Sample(random, 0, apart))]));
    }

    private static double[] Softmax(double[] logits)
    {
        var total = logits.Sum(Math.Exp);
        return [.. logits.Select(logit => Math.Exp(logit) / total)];
    }

    private static double Probability(double usual, double logOdds) => 1 / (1 + ((1 - usual) / usual * Math.Exp(-logOdds)));
}
