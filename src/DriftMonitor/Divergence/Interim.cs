#pragma warning disable CS1591
namespace DriftMonitor.Divergence;
public static class Entropy { public static double Of(ReadOnlySpan<double> p) { var s = 0.0; foreach (var x in p) { s -= x == 0 ? 0 : x * Math.Log(x); } return s; } }
public static class KullbackLeibler
{
    public static double Divergence(ReadOnlySpan<double> p, ReadOnlySpan<double> q) => Contributions(p, q, new double[p.Length]);
    public static double Contributions(ReadOnlySpan<double> p, ReadOnlySpan<double> q, Span<double> d) { var s = 0.0; for (var k = 0; k < p.Length; k++) { d[k] = p[k] == 0 ? 0 : p[k] * Math.Log(p[k] / q[k]); s += d[k]; } return s; }
}
public static class JensenShannon { public static double Divergence(ReadOnlySpan<double> p, ReadOnlySpan<double> q) { var m = new double[p.Length]; for (var k = 0; k < m.Length; k++) { m[k] = (p[k] + q[k]) / 2; } return (KullbackLeibler.Divergence(p, m) + KullbackLeibler.Divergence(q, m)) / 2; } }
public static class PopulationStability { public static double Index(ReadOnlySpan<double> p, ReadOnlySpan<double> q) => KullbackLeibler.Divergence(p, q) + KullbackLeibler.Divergence(q, p); }
public static class TotalVariation { public static double Distance(ReadOnlySpan<double> p, ReadOnlySpan<double> q) { var s = 0.0; for (var k = 0; k < p.Length; k++) { s += Math.Abs(p[k] - q[k]); } return s / 2; } }
public static class Hellinger { public static double Distance(ReadOnlySpan<double> p, ReadOnlySpan<double> q) { var s = 0.0; for (var k = 0; k < p.Length; k++) { var d = Math.Sqrt(p[k]) - Math.Sqrt(q[k]); s += d * d; } return Math.Sqrt(s / 2); } }
public static class NoiseFloor { public static double Of(ReadOnlySpan<double> q, ReadOnlySpan<double> v, double n, double m) { var s = 0.0; for (var k = 0; k < q.Length; k++) { s += q[k] == 0 ? 0 : v[k] / q[k]; } return s / 2 * ((1 / n) + (1 / m)); } }
