using System.Collections.Immutable;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.References;

public sealed class ReferenceSnapshotTests
{
    private static readonly ClassSpace Space = ClassSpace.Indexed(1);

    private static ReferenceSnapshot Snapshot(
        string model = "m",
        int version = 1,
        DateTimeOffset createdAt = default,
        ClassSpace? space = null,
        Dictionary<string, PaneSums>? segments = null,
        ImmutableArray<ReferenceBlock>? blocks = null,
        ValueBaseline? losses = null,
        Dictionary<PolicyEstimate, ValueBaseline>? policies = null,
        ValueBaseline? errors = null) => new(
            model,
            version,
            createdAt,
            space ?? Space,
            segments ?? new Dictionary<string, PaneSums> { ["_all"] = Sums(), ["a"] = Sums(events: 1, mass: 5) },
            blocks ?? [Block(0, 1, 6), Block(10, 1, 4)],
            losses: losses,
            policies: policies,
            errors: errors);

    private static PaneSums Sums(long events = 2, ulong mass = 10) => new(events, [mass, 1], [mass, 1]);

    private static ReferenceBlock Block(long startMs, long events, ulong mass) => new(startMs, events, [mass, startMs == 0 ? 1ul : 0]);

    private static ValueBaseline Baseline(double mean, long startMs = 0, long count = 1) => new([mean], [new ValueBlock(startMs, [count])]);

    private static ValueBaseline Errors(long right, long wrong) => new([0, 1], [new ValueBlock(0, [right, wrong])]);

    [Fact]
    public void Id_IsThatOfTheContentOnly()
    {
        var id = Snapshot().Id;
        Assert.Matches("^[0-9a-f]{16}$", id);
        Assert.Equal(id, Snapshot(version: 7).Id);
        Assert.Equal(id, Snapshot(createdAt: DateTimeOffset.UnixEpoch).Id);
        var reordered = new Dictionary<string, PaneSums> { ["a"] = Sums(events: 1, mass: 5), ["_all"] = Sums() };
        Assert.Equal(id, Snapshot(segments: reordered).Id);
    }

    /// <summary>Ids as they were when snapshots held neither losses nor policies: files and dashboards know them.</summary>
    [Fact]
    public void Id_OfASnapshotWithoutBaselines_IsWhatItAlwaysWas()
    {
        Assert.NotEqual("0d8a56cc22db2697", Digits.Reference.Id); // it has entropies
        Assert.Equal("0d8a56cc22db2697", new ReferenceSnapshot(
            "digits-lr", 1, DateTimeOffset.UnixEpoch, Digits.Classes.Space,
            Digits.Reference.Segments.ToDictionary(s => s.Key, s => s.Value.Sums), Digits.Reference.Blocks,
            policies: new Dictionary<PolicyEstimate, ValueBaseline>()).Id);
    }

    [Fact]
    public void Id_ChangesWithAnyPartOfTheContent()
    {
        var ids = new[]
        {
            Snapshot(),
            Snapshot(model: "n"),
            Snapshot(space: ClassSpace.Create(["other"])),
            Snapshot(segments: new() { ["_all"] = Sums() }),
            Snapshot(segments: new() { ["_all"] = Sums(), ["b"] = Sums(events: 1, mass: 5) }),
            Snapshot(segments: new() { ["_all"] = Sums(), ["a"] = Sums(events: 2, mass: 5) }),
            Snapshot(segments: new() { ["_all"] = Sums(), ["a"] = Sums(events: 1, mass: 6) }),
            Snapshot(segments: new() { ["_all"] = Sums(), ["a"] = new PaneSums(1, [5, 1], [6, 1]) }),
            Snapshot(blocks: [Block(0, 1, 5), Block(10, 1, 5)]),
            Snapshot(blocks: [Block(0, 1, 6), Block(20, 1, 4)]),
            Snapshot(blocks: [Block(0, 2, 10)]),
            Snapshot(losses: Baseline(1)),
            Snapshot(losses: Baseline(2)),
            Snapshot(losses: Baseline(1, startMs: 10)),
            Snapshot(losses: Baseline(1, count: 2)),
            Snapshot(errors: Errors(right: 2, wrong: 1)),
            Snapshot(errors: Errors(right: 1, wrong: 2)),
            Snapshot(losses: Errors(right: 2, wrong: 1)),
            Snapshot(losses: Baseline(1), errors: Errors(right: 2, wrong: 1)),
            Snapshot(policies: new() { [PolicyEstimate.K1] = Baseline(1) }),
            Snapshot(policies: new() { [PolicyEstimate.K2] = Baseline(1) }),
            Snapshot(policies: new() { [PolicyEstimate.K1] = Baseline(1), [PolicyEstimate.K2] = Baseline(1) }),
            Snapshot(losses: Baseline(1), policies: new() { [PolicyEstimate.K1] = Baseline(1) }),
        }.Select(snapshot => snapshot.Id).ToArray();
        Assert.Equal(ids.Length, ids.Distinct().Count());
    }

    [Fact]
    public void Classes_HaveTheCreationTimeAsGeneration()
    {
        var classes = Snapshot(createdAt: DateTimeOffset.FromUnixTimeMilliseconds(1_767_225_600_000)).Classes;
        Assert.Same(Space, classes.Space);
        Assert.Equal(1_767_225_600_000, classes.Generation);
        Assert.True(classes.Generation > ModelClasses.Configured);
    }

    private static void Refused(string problem, Func<ReferenceSnapshot> build) =>
        Assert.Contains(problem, Assert.ThrowsAny<ArgumentException>(build).Message, StringComparison.Ordinal);

    [Fact]
    public void Constructor_RefusesWhatIsNoReference_AndSaysWhy()
    {
        Refused("model", () => Snapshot(model: ""));
        Refused("version 0", () => Snapshot(version: 0));
        Refused("no events in segment _all", () => Snapshot(segments: []));
        Refused("no events in segment _all", () => Snapshot(segments: new() { ["_all"] = new PaneSums(2) }, blocks: []));
        Refused("no events in segment a", () => Snapshot(segments: new() { ["_all"] = Sums(), ["a"] = new PaneSums(2) }));
        Refused(
            "segment a has 3 cells, the class space 2",
            () => Snapshot(segments: new() { ["_all"] = Sums(), ["a"] = new PaneSums(1, [1, 1, 1], [1, 1, 1]) }));
    }

    [Fact]
    public void Constructor_RefusesErrorsThatAreNotRightOrWrong()
    {
        Refused("errors have two bins", () => Snapshot(errors: Baseline(1)));
        Refused("errors have two bins", () => Snapshot(errors: new ValueBaseline([1, 0], [new ValueBlock(0, [1, 1])])));
        Assert.Equal(0.75, Snapshot(errors: Errors(right: 3, wrong: 1)).AccuracyRatio);
        Assert.Null(Snapshot().AccuracyRatio);
    }

    [Fact]
    public void Constructor_RefusesBlocksThatAreNotTheWhole()
    {
        Refused("blocks", () => Snapshot(blocks: []));
        Refused("blocks", () => Snapshot(blocks: default(ImmutableArray<ReferenceBlock>)));
        Refused("blocks", () => Snapshot(blocks: [Block(0, 1, 6), Block(10, 2, 4)])); // one event too many
        Refused("blocks", () => Snapshot(blocks: [Block(0, 1, 6), Block(10, 1, 5)])); // the mass of another event
        Refused("blocks", () => Snapshot(blocks: [Block(0, 2, 10) with { Mass = [10] }])); // too few cells
        Refused("blocks", () => Snapshot(blocks: [Block(10, 1, 4), Block(0, 1, 6)])); // newest first
    }
}
