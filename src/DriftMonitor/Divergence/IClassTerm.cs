using System.Runtime.Intrinsics;

namespace DriftMonitor.Divergence;

/// <summary>What one class adds to a measure, for four classes at a time.</summary>
/// <remarks><c>Of(0, 0)</c> is 0 for every measure: a class that neither distribution has adds nothing, nor does padding.</remarks>
internal interface IClassTerm
{
    static abstract Vector256<double> Of(Vector256<double> p, Vector256<double> q);
}
