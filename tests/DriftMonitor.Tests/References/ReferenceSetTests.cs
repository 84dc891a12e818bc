using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.References;

public sealed class ReferenceSetTests
{
    private static ReferenceSnapshot Snapshot(string model, int version, long createdMs = 0, ulong mass = 1) => new(
        model,
        version,
        DateTimeOffset.FromUnixTimeMilliseconds(createdMs),
        ClassSpace.Indexed(1),
        new Dictionary<string, PaneSums> { ["_all"] = new(1, [mass, 0], [mass, 0]) },
        [new ReferenceBlock(0, 1, [mass, 0])]);

    [Fact]
    public void Latest_TakesTheHighestVersionOfEachModel_ThenTheNewest()
    {
        var set = ReferenceSet.Latest([
            Snapshot("a", 2, createdMs: 1), Snapshot("a", 1, createdMs: 9), Snapshot("b", 1, createdMs: 5),
            Snapshot("b", 1, createdMs: 4)]);
        Assert.Equal(2, set.ByModel.Count);
        Assert.Equal(2, set.Of("a")!.Version);
        Assert.Equal(5, set.Of("b")!.CreatedAt.ToUnixTimeMilliseconds());
        Assert.Null(set.Of("c"));
        Assert.Null(ReferenceSet.Empty.Of("a"));
    }

    [Fact]
    public void Latest_DoesNotDependOnTheOrder()
    {
        var (one, other) = (Snapshot("a", 1, mass: 1), Snapshot("a", 1, mass: 2));
        Assert.Same(ReferenceSet.Latest([one, other]).Of("a"), ReferenceSet.Latest([other, one]).Of("a"));
    }
}
