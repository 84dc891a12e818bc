using MathNet.Numerics.Distributions;
using MathNet.Numerics.Random;

namespace DriftMonitor.Benchmarks.Detection;

/// <summary>One-hot outputs.</summary>
/// <param name="random">Draws.</param>
/// <param name="shares">Those of the classes where nothing changes them.</param>
/// <param name="events">How many events a pane has on average.</param>
/// <param name="change">Changes the log-shares of a pane, which begin as the shares'; returns how many times the events it has.</param>
internal sealed class OneHotStream(RandomSource random, double[] shares, double events, Func<long, double[], double> change) : IPaneSource
{
    private readonly double[] _usual = [.. shares.Select(share => Math.Log(share))];
    private readonly double[] _logShares = new double[shares.Length];

    /// <summary>Which pane is next.</summary>
    public long Pane { get; set; }

    public int Next(double[] mass, double[] squares)
    {
        _usual.CopyTo(_logShares, 0);
        var times = change(Pane++, _logShares);
        var (total, count) = (_logShares.Sum(Math.Exp), 0);
        for (var k = 0; k < shares.Length; k++)
        {
            var drawn = Poisson.Sample(random, Math.Max(1e-9, times * events * Math.Exp(_logShares[k]) / total));
            (mass[k], squares[k], count) = (drawn, drawn, count + drawn);
        }

        return count;
    }
}
