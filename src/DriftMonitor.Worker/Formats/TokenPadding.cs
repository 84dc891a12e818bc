namespace DriftMonitor.Worker.Formats;

/// <summary>Whether log-probabilities of sampled tokens were padded to a common length.</summary>
/// <remarks>
/// Trainers fill with 1 (no logarithm of a probability), with 0 (the logarithm of 1) or with a large negative number. 0 for both policies
/// may also be a token that both were sure of: within a response it is taken as that, at its ends it cannot be told from padding.
/// </remarks>
internal static class TokenPadding
{
    private const double LeastLogProbability = -100; // nobody samples what has e⁻¹⁰⁰

    public static bool IsThere(ReadOnlySpan<double> current, ReadOnlySpan<double> reference)
    {
        for (var i = 0; i < current.Length; i++)
        {
            var (x, y) = (current[i], reference[i]);
            var atAnEnd = i == 0 || i == current.Length - 1;
            if (IsFiller(x) && IsFiller(y) && (atAnEnd || x != 0 || y != 0))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsFiller(double value) => value is 0 or 1 or <= LeastLogProbability;
}
