namespace DriftMonitor.Model;

/// <summary>The checks by which numbers from outside become a probability distribution, in place and without allocating.</summary>
public static class Simplex
{
    /// <summary>How far a sum of probabilities may be from 1 to be accepted: what single-precision and printed values need.</summary>
    public const double DefaultTolerance = 1e-3;

    /// <summary>Checks probabilities: finite, in [0, 1], with a sum of 1 within <paramref name="tolerance"/>; divides by the sum.</summary>
    /// <returns><see cref="RejectionReason.None"/>, or why they are not a distribution; then the values are unchanged.</returns>
    public static RejectionReason Normalise(Span<double> probabilities, double tolerance = DefaultTolerance)
    {
        var sum = 0.0;
        foreach (var p in probabilities)
        {
            if (!(p >= 0 && p <= 1 + tolerance)) // a value a rounding error above 1 is a probability; NaN is neither
            {
                return double.IsFinite(p) ? RejectionReason.ProbabilityOutOfRange : RejectionReason.NotFinite;
            }

            sum += p;
        }

        if (Math.Abs(sum - 1) > tolerance)
        {
            return RejectionReason.SumNotOne;
        }

        TensorPrimitives.Divide(probabilities, sum, probabilities);
        return RejectionReason.None;
    }

    /// <summary>Turns unnormalised scores into exp(xₖ − max x) / Σ exp(xⱼ − max x), which no finite score can overflow.</summary>
    /// <returns><see cref="RejectionReason.NotFinite"/> for NaN, +∞ or only −∞, values unchanged; a single −∞ is probability 0.</returns>
    public static RejectionReason Softmax(Span<double> logits)
    {
        var max = logits.IsEmpty ? double.NaN : TensorPrimitives.Max<double>(logits); // NaN where any is
        if (!double.IsFinite(max))
        {
            return RejectionReason.NotFinite;
        }

        TensorPrimitives.Subtract(logits, max, logits);
        TensorPrimitives.Exp(logits, logits);
        TensorPrimitives.Divide(logits, TensorPrimitives.Sum<double>(logits), logits);
        return RejectionReason.None;
    }

    /// <summary>Turns the log-probabilities (nats) of the most probable classes into probabilities; says what is missing to 1.</summary>
    /// <remarks>Not renormalised: the rest is other classes'. Only a sum rounded above 1 is divided by. −∞, a filler, becomes 0.</remarks>
    /// <returns><see cref="RejectionReason.None"/>, or why they are no part of a distribution; the values are then undefined.</returns>
    public static RejectionReason FromTopLogProbabilities(Span<double> logProbabilities, double tolerance, out double missing)
    {
        missing = 0;
        if (CheckLogProbabilities(logProbabilities, tolerance) is not RejectionReason.None and var problem)
        {
            return problem;
        }

        TensorPrimitives.Exp(logProbabilities, logProbabilities);
        return LeaveRest(logProbabilities, tolerance, out missing);
    }

    /// <summary>Checks the probabilities of the most probable classes; says what is missing to 1, which is other classes'.</summary>
    /// <remarks>Not renormalised. Only a sum rounded above 1 is divided by.</remarks>
    /// <returns><see cref="RejectionReason.None"/>, or why they are no part of a distribution; the values are then unchanged.</returns>
    public static RejectionReason FromTopProbabilities(Span<double> probabilities, double tolerance, out double missing)
    {
        missing = 0;
        foreach (var p in probabilities)
        {
            if (!(p >= 0 && p <= 1 + tolerance))
            {
                return double.IsFinite(p) ? RejectionReason.ProbabilityOutOfRange : RejectionReason.NotFinite;
            }
        }

        return LeaveRest(probabilities, tolerance, out missing);
    }

    /// <summary>The logistic function 1 / (1 + exp(−x)): the probability that the answer whose reward is x higher is preferred.</summary>
    /// <seealso href="https://doi.org/10.1093/biomet/39.3-4.324">R. A. Bradley and M. E. Terry, Rank Analysis of Incomplete Block Designs,
    /// 1952</seealso>
    public static double Logistic(double x)
    {
        var small = Math.Exp(-Math.Abs(x)); // never overflows
        return (x >= 0 ? 1 : small) / (1 + small);
    }

    /// <summary>Turns full log-probabilities (nats) into probabilities: exp, then <see cref="Normalise"/>'s checks. −∞ becomes 0.</summary>
    /// <returns><see cref="RejectionReason.None"/>, or why they are not a distribution; the values are then undefined.</returns>
    public static RejectionReason FromLogProbabilities(Span<double> logProbabilities, double tolerance = DefaultTolerance)
    {
        if (CheckLogProbabilities(logProbabilities, tolerance) is not RejectionReason.None and var problem)
        {
            return problem;
        }

        TensorPrimitives.Exp(logProbabilities, logProbabilities);
        return Normalise(logProbabilities, tolerance);
    }

    private static RejectionReason LeaveRest(Span<double> probabilities, double tolerance, out double missing)
    {
        var sum = TensorPrimitives.Sum<double>(probabilities);
        missing = Math.Max(0, 1 - sum);
        if (sum > 1 + tolerance)
        {
            return RejectionReason.SumNotOne;
        }

        if (sum > 1)
        {
            TensorPrimitives.Divide(probabilities, sum, probabilities);
        }

        return RejectionReason.None;
    }

    /// <summary>Before exp overflows: 1 + x ≤ exp(x), so the sum would be refused, too.</summary>
    private static RejectionReason CheckLogProbabilities(ReadOnlySpan<double> logProbabilities, double tolerance)
    {
        foreach (var x in logProbabilities)
        {
            if (!(x <= tolerance)) // NaN is not ≤ either
            {
                return double.IsFinite(x) ? RejectionReason.ProbabilityOutOfRange : RejectionReason.NotFinite;
            }
        }

        return RejectionReason.None;
    }
}
