using CsCheck;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests.Sums;

/// <summary>
/// Large class spaces keep only the cells that hold anything: the same events in a small space, whose every cell is kept, must come to the
/// same bits. Cell k of the small space is cell <see cref="Spread"/> · k + 1 of the large one.
/// </summary>
public sealed class SparseSumsTests
{
    private const int Few = 40;
    private const int Spread = 61;
    private const int Many = (Few * Spread) + 2;

    // Several events of few cells, or one of nearly all.
    private static readonly Gen<(int Cell, double P)[]> Event =
        Gen.Select(Gen.Int[0, Few - 1], Gen.OneOf(Gen.Double[0, 1], Gen.Const(1e-12), Gen.Const(0.0))).Array[0, 12];

    private static readonly Gen<(int Cell, double P)[][]> Events = Gen.OneOf(
        Event, Event, Gen.Double[0, 1].Array[Few].Select(p => p.Select((x, k) => (k, x)).ToArray())).Array[0, 8];

    [Fact]
    public void Spaces_AreKeptByTheirSizeAlone()
    {
        Assert.True(Many > PaneSums.MaxDenseCells);
        Assert.False(new PaneSums(PaneSums.MaxDenseCells).IsSparse);
        Assert.True(new PaneSums(PaneSums.MaxDenseCells + 1).IsSparse);
    }

    [Fact]
    public void Sparse_IsDense_WhateverIsAddedMergedAndTakenBack() =>
        Gen.Select(Events, Gen.Int[0, 4]).Array[1, 8].Sample(steps =>
        {
            var (dense, sparse) = (new PaneSums(Few), new PaneSums(Many));
            foreach (var (events, kind) in steps)
            {
                var (denseOther, sparseOther) = (DenseOf(events), SparseOf(events));
                switch (kind)
                {
                    case 0: // more taken back than there was: sums wrap around, and come back
                        dense.Subtract(denseOther);
                        sparse.Subtract(sparseOther);
                        break;
                    case 1:
                        dense.Add(denseOther);
                        dense.Subtract(denseOther);
                        sparse.Add(sparseOther);
                        sparse.Subtract(sparseOther);
                        break;
                    case 2:
                        (dense, sparse) = (dense.Copy(), sparse.Copy());
                        goto default;
                    default:
                        dense.Add(denseOther);
                        sparse.Add(sparseOther);
                        break;
                }

                AssertSame(dense, sparse);
            }
        });

    [Fact]
    public void Sparse_HasOneFormForEqualSums() => Gen.Select(Events, Events, Gen.Int).Sample((one, other, seed) =>
    {
        var all = one.Concat(other).ToArray();
        new Random(seed).Shuffle(all);
        var together = SparseOf(all);
        var merged = SparseOf(other);
        merged.Add(SparseOf(one));
        Assert.True(together.SameAs(merged));
        merged.Subtract(SparseOf(other));
        Assert.True(merged.SameAs(SparseOf(one)));
        merged.Subtract(SparseOf(one));
        Assert.True(merged.SameAs(new PaneSums(Many)));
        Assert.True(merged.KeptCells.IsEmpty);
        Assert.True(new PaneSums(together.Events, together.MassOfAll(), together.SquaresOfAll()).SameAs(together));
        Assert.True(
            new PaneSums(
                together.Events, Many, together.KeptCells.ToArray(), together.Mass.ToArray(), together.Squares.ToArray()).SameAs(together));
    });

    [Fact]
    public void Event_OfFewCells_IsThatOfAll() => Events.Sample(events =>
    {
        var space = new ModelClasses(ClassSpace.Indexed(Many - 1), ModelClasses.Configured);
        var record = new PredictionRecord();
        var (few, all) = (new PaneSums(Many), SparseOf(events));
        foreach (var cells in events)
        {
            record.BeginFew(Given.Model("m"), space);
            foreach (var (cell, p) in cells)
            {
                record.AddTo((cell * Spread) + 1, p);
            }

            Assert.Equal(Probabilities(cells, Many, Spread), record.Probabilities.ToArray());
            few.Add(record);
        }

        Assert.True(few.With(default).SameAs(all)); // which were added without their entropies
    });

    [Fact]
    public void Window_IsThatOfTheDenseSpace_AsItSlides() =>
        Gen.Select(Events, Gen.Int[0, 12], Gen.Int[0, 3]).Array[1, 12].Sample(steps =>
        {
            var (dense, sparse) = (
                new OutputWindow(Given.Window("40ms/20ms"), Few, trailing: true),
                new OutputWindow(Given.Window("40ms/20ms"), Many, trailing: true));
            var last = (Pane: 0, Events: Array.Empty<(int, double)[]>());
            foreach (var (events, pane, kind) in steps)
            {
                if (kind == 0)
                {
                    dense.MoveTo(pane * 10);
                    sparse.MoveTo(pane * 10);
                }
                else if (kind == 1)
                {
                    dense.Subtract(last.Pane * 10, DenseOf(last.Events));
                    sparse.Subtract(last.Pane * 10, SparseOf(last.Events));
                    last = (pane, []);
                }
                else
                {
                    last = (pane, events);
                    dense.Add(pane * 10, DenseOf(events), 0);
                    sparse.Add(pane * 10, SparseOf(events), 0);
                }

                Assert.Equal((dense.Events, dense.ToMs), (sparse.Events, sparse.ToMs));
                Assert.Equal(dense.Mass, OfFew(sparse.KeptCells, sparse.Mass));
                Assert.DoesNotContain(UInt128.Zero, sparse.Mass.ToArray());
                var (denseBefore, sparseBefore) = (dense.CopyTrailing(true)!, sparse.CopyTrailing(true)!);
                Assert.Equal(denseBefore.Events, sparseBefore.Events);
                Assert.Equal(denseBefore.Mass, OfFew(sparseBefore.KeptCells, sparseBefore.Mass));
                Assert.Equal(denseBefore.Squares, OfFew(sparseBefore.KeptCells, sparseBefore.Squares));
                Assert.DoesNotContain(UInt128.Zero, sparseBefore.Mass);
            }
        });

    private static UInt128[] OfFew(ReadOnlySpan<int> kept, ReadOnlySpan<UInt128> sums)
    {
        var few = new UInt128[Few];
        for (var i = 0; i < kept.Length; i++)
        {
            few[(kept[i] - 1) / Spread] = sums[i];
        }

        return few;
    }

    /// <summary>What the evaluation says must not depend on how the window is kept.</summary>
    [Fact]
    public void Report_IsThatOfAllCells()
    {
        var space = ClassSpace.Indexed(Many - 1);
        var classes = new ModelClasses(space, ModelClasses.Configured);
        var builder = new ReferenceBuilder("m", space);
        var record = new PredictionRecord();
        var (live, before) = (new PaneSums(Many), new PaneSums(Many));
        for (var i = 0; i < 300; i++)
        {
            record.BeginFew(Given.Model("m"), classes);
            record.AddTo((i * 7 % Few * Spread) + 1, 0.75);
            record.AddTo((i * 3 % 5 * Spread) + 1, 0.25);
            builder.Add(record);
            live.Add(record.Probabilities);
            before.Add(record.Probabilities);
            record.BeginFew(Given.Model("m"), classes);
            record.AddTo((i % 3) + 1, 1);
            live.Add(record);
        }

        var reference = builder.Build(1, DateTimeOffset.UnixEpoch);
        var sparse = new LiveWindow(
            new SeriesKey("m", SeriesKey.All), Given.Window("30ms/10ms"), 30, new PaneClasses(space.Id, ModelClasses.Configured, null),
            live.Events,
            [
                .. live.Mass.ToArray().Select(
                    units => (UInt128)units)], Complete: true, 29, Retired: false, KeptCells: live.KeptCells.ToArray())
        { Cells = Many, Trailing = TrailingOf(before.KeptCells.ToArray(), before.Mass, before.Squares) };
        var dense = sparse with
        {
            Mass = [.. live.MassOfAll().Select(units => (UInt128)units)],
            KeptCells = null,
            Trailing = TrailingOf(null, before.MassOfAll(), before.SquaresOfAll()),
        };
        var evaluator = new DriftEvaluator(new EvaluationSettings());

        var (one, other) = (evaluator.Evaluate(sparse, reference), evaluator.Evaluate(dense, reference));
        Assert.Equal(other.Divergences, one.Divergences);
        Assert.Equal(other.Trailing, one.Trailing);
        Assert.True(one.Trailing!.Value.KlLiveVsTrailingNats > 0);
        Assert.Equal(other.EntropyNats, one.EntropyNats);
        Assert.Equal(other.Contributions.AsSpan(), one.Contributions.AsSpan());
        // of 600 events, 200 in cells 2 and 3, which the reference never saw
        Assert.Equal(2.0 / 600 * 100, one.Divergences!.Value.UnseenMassRatio, 1e-9);
    }

    private static OtherWindow TrailingOf(int[]? kept, ReadOnlySpan<ulong> mass, ReadOnlySpan<ulong> squares) => new(
        300, [.. mass.ToArray().Select(units => (UInt128)units)], [
            .. squares.ToArray().Select(units => (UInt128)units)], Complete: true, kept);

    [Fact]
    public void Parts_ThatDoNotFit_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => new PaneSums(1, Many, [Many], [1], [1]));
        Assert.Throws<ArgumentException>(() => new PaneSums(1, Many, [-1], [1], [1]));
        Assert.Throws<ArgumentException>(() => new PaneSums(1, Many, [2, 1], [1, 1], [1, 1]));
        Assert.Throws<ArgumentException>(() => new PaneSums(1, Many, [1, 1], [1, 1], [1, 1]));
        Assert.Throws<ArgumentException>(() => new PaneSums(1, Many, [1], [1, 1], [1, 1]));
        Assert.Throws<ArgumentException>(() => new PaneSums(1, Many, [], [1], [1]));
        Assert.Throws<ArgumentException>(() => new PaneSums(Many).Add(new PaneSums(Many + 1)));
        Assert.Throws<ArgumentException>(() => new PaneSums(Many).Add(new double[Many - 1]));
    }

    private static PaneSums DenseOf((int Cell, double P)[][] events) => Of(events, Few, 1, 0);

    private static PaneSums SparseOf((int Cell, double P)[][] events) => Of(events, Many, Spread, 1);

    private static PaneSums Of((int Cell, double P)[][] events, int cells, int spread, int offset)
    {
        var sums = new PaneSums(cells);
        foreach (var cellsOfEvent in events)
        {
            sums.Add(Probabilities(cellsOfEvent, cells, spread, offset));
        }

        return sums;
    }

    private static double[] Probabilities((int Cell, double P)[] of, int cells, int spread, int offset = 1)
    {
        var probabilities = new double[cells];
        foreach (var (cell, p) in of)
        {
            probabilities[(cell * spread) + offset] += p;
        }

        return probabilities;
    }

    private static void AssertSame(PaneSums dense, PaneSums sparse)
    {
        Assert.Equal(dense.Events, sparse.Events);
        var (mass, squares) = (new ulong[Few], new ulong[Few]);
        for (var i = 0; i < sparse.KeptCells.Length; i++)
        {
            Assert.True((sparse.Mass[i] | sparse.Squares[i]) != 0, "a cell that holds nothing is kept");
            Assert.Equal(1, sparse.KeptCells[i] % Spread);
            (mass[sparse.KeptCells[i] / Spread], squares[sparse.KeptCells[i] / Spread]) = (sparse.Mass[i], sparse.Squares[i]);
        }

        Assert.Equal(dense.Mass, mass);
        Assert.Equal(dense.Squares, squares);
    }
}
