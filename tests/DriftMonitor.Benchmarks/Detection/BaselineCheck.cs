using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>Runs the baselines that read events on streams whose results others have published.</summary>
/// <remarks>
/// NumPy's <c>randint(2)</c> and <c>randint(8)</c> are the low bits of the Mersenne twister's words, so their streams can be drawn again
/// here. Sources: river, <c>drift/test_drift_detectors.py</c> (seed 12345: a thousand of 0 and 1, then a thousand of 0 to 7); CapyMOA's
/// documentation of ADWIN, which runs MOA (seed 0: 999 of 0 and 1, then 4 to 7, δ = 0.001). river's ADWIN leaves the youngest bucket of
/// each row out of the cuts, which MOA's does not: on river's stream it finds the change at 1055, MOA's and this one a round earlier.
/// </remarks>
internal static class BaselineCheck
{
    public static void Run()
    {
        var (river, moa) = (Words(12345, 2000), Words(0, 3001));
        double[] numbers = [.. river.Take(1000).Select(word => (double)(word & 1)), .. river.Skip(1000).Select(word => (double)(word & 7))];
        // 1001 are drawn and replaced
        double[] later = [.. moa.Take(999).Select(word => (double)(word & 1)), .. moa.Skip(2000).Select(word => (double)(4 + (word & 3)))];
        Compare("Page–Hinkley, river", new PageHinkley(), numbers, [1020, 1991]);
        Compare("ADWIN, MOA", new Adwin(0.001), later, [1023, 1055]);
    }

    private static void Compare(string name, IEventDetector detector, double[] values, int[] published)
    {
        int[] found = [.. Enumerable.Range(0, values.Length).Where(i => detector.Add(values[i]))];
        Console.WriteLine(
            $"{name}: changes at {string.Join(", ", found)}; published {string.Join(", ", published)}: "
            + $"{(found.SequenceEqual(published) ? "equal" : "DIFFERENT")}");
    }

    private static uint[] Words(int seed, int count)
    {
        var random = new MersenneTwister(seed, threadSafe: false);
        return [.. Enumerable.Range(0, count).Select(_ => (uint)(random.NextDouble() * 4294967296.0))];
    }
}
