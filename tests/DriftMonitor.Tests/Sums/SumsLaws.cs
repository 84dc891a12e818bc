using CsCheck;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Sums;

/// <summary>The laws of a commutative group, to the bit, for whatever panes add up.</summary>
public abstract class SumsLaws<TSums>
    where TSums : class
{
    private protected abstract Gen<TSums> Sums { get; }

    private protected abstract TSums Zero { get; }

    private protected abstract bool AreSame(TSums one, TSums other);

    [Fact]
    public void Add_Commutes() => Gen.Select(Sums, Sums).Sample((a, b) => AreSame(Plus(a, b), Plus(b, a)));

    [Fact]
    public void Add_Associates() =>
        Gen.Select(Sums, Sums, Sums).Sample((a, b, c) => AreSame(Plus(Plus(a, b), c), Plus(a, Plus(b, c))));

    [Fact]
    public void Zero_ChangesNothing() => Sums.Sample(a => AreSame(Plus(a, Zero), a) && AreSame(Plus(Zero, a), a) && Of(Zero).IsEmpty);

    [Fact]
    public void Subtract_UndoesAdd() => Gen.Select(Sums, Sums).Sample((a, b) => AreSame(Minus(Plus(a, b), b), a));

    [Fact]
    public void Subtract_ItselfLeavesNothing() => Sums.Sample(a => AreSame(Minus(a, a), Zero) && Of(Minus(a, a)).IsEmpty);

    [Fact]
    public void Copy_IsIndependent() => Gen.Select(Sums, Sums).Sample((a, b) =>
    {
        var (before, changed) = (Plus(a, Zero), Of(a).Copy());
        Of(changed).Add(b);
        var isOriginalKept = AreSame(a, before);
        changed = Of(a).Copy();
        Of(a).Add(b);
        return isOriginalKept && AreSame(changed, before) && (AreSame(b, Zero) || !AreSame(a, before));
    });

    private static ISums<TSums> Of(TSums sums) => (ISums<TSums>)sums;

    private static TSums Plus(TSums a, TSums b)
    {
        var sum = Of(a).Copy();
        Of(sum).Add(b);
        return sum;
    }

    private static TSums Minus(TSums a, TSums b)
    {
        var difference = Of(a).Copy();
        Of(difference).Subtract(b);
        return difference;
    }
}
