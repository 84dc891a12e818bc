using System.Numerics.Tensors;
using DriftMonitor.Divergence;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>A drift that is to be found.</summary>
/// <param name="Shape">What changes.</param>
/// <param name="Size">By how much, in the end.</param>
/// <param name="RampMinutes">Over what time it grows; 0 when it is sudden.</param>
internal sealed record DriftScenario(DriftShape Shape, double Size, int RampMinutes = 0)
{
    public string Name => FormattableString.Invariant(
        $"{(Shape == DriftShape.Spread ? "spread" : "one class")} {Size}{(RampMinutes > 0 ? $" over {RampMinutes} min" : "")}");

    /// <summary>The size so many panes after the onset.</summary>
    public double At(int pane) =>
        RampMinutes == 0 ? Size : Size * Math.Min(1, (pane + 1) * SimulatedStream.PaneMs / (RampMinutes * 60_000.0));

    /// <summary>How large it is so many panes after the onset: KL(drifted‖shares), nats.</summary>
    public double Nats(double[] shares, int pane)
    {
        double[] logits = [.. shares.Select(share => Math.Log(share))];
        Shape.Apply(logits, shares, At(pane));
        double[] drifted = [.. logits.Select(logit => Math.Exp(logit))];
        TensorPrimitives.Divide(drifted, TensorPrimitives.Sum<double>(drifted), drifted);
        return KullbackLeibler.Divergence(drifted, shares);
    }

    /// <summary>How many minutes after its onset it is as large as that; null for never.</summary>
    public double? Reaches(double[] shares, double nats)
    {
        for (var pane = 0; pane < Math.Max(1, RampMinutes * 60_000 / (int)SimulatedStream.PaneMs); pane++)
        {
            if (Nats(shares, pane) >= nats)
            {
                return RampMinutes == 0 ? 0 : (pane + 1) * SimulatedStream.PaneMs / 60_000.0;
            }
        }

        return null;
    }
}
