using Confluent.Kafka;
using CsCheck;
using DriftMonitor.Model;
using DriftMonitor.Panes;
using DriftMonitor.Sums;
using DriftMonitor.Windows;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Wire;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Tests.Wire;

/// <summary>What lanes say, as records of the panes topic.</summary>
public sealed class LaneRecordTests
{
    private const long PaneMs = 10_000;

    private static readonly LanePlan Lanes = new(PaneMs, 60_000, 30_000, 10_000);

    private static readonly WindowPlan Plan = TestRecords.Plan("5m/10s", Lanes);

    private static readonly TopicPartition Source = new("predictions", 3);

    private static readonly Gen<PolicySums?> Policies = Gen.Frequency(
        (1, Gen.Const(() => (PolicySums?)null)),
        (1, from events in Gen.Long[1, long.MaxValue / 4].Array[3]
            from high in Gen.ULong.Array[15]
            from low in Gen.ULong.Array[15]
            select (PolicySums?)new PolicySums(
                events[0],
                events[1],
                events[2],
                [.. high.Zip(low, (h, l) => new Int128(h, l)).Take(5)],
                [.. high.Zip(low, (h, l) => new UInt128(h, l)).Skip(5).Take(5)],
                [.. high.Zip(low, (h, l) => new UInt128(h, l)).Skip(10)])));

    private static readonly Gen<PaneRegister> Registers =
        from model in Gen.String[Gen.Char['a', 'ÿ'], 1, 20]
        from segment in Gen.String[Gen.Char['a', 'ÿ'], 1, 20]
        from pane in Gen.Long[-1_000, 400_000_000]
        from classes in Gen.Int[1, 12]
        from inferred in Gen.Bool
        from independent in Gen.Bool
        from generation in Gen.Long
        from offsets in Gen.Select(Gen.Long[0, long.MaxValue / 2], Gen.Long[0, long.MaxValue / 2])
        from times in Gen.Select(Gen.Long[0, PaneMs - 1], Gen.Long[0, PaneMs - 1])
        from events in Gen.Long[1, long.MaxValue]
        let space = independent ? InferredSpaces.OfIndependentPositions(classes) : ClassSpace.Indexed(classes)
        from mass in Gen.ULong.Array[space.CellCount]
        from squares in Gen.ULong.Array[space.CellCount]
        from policy in Policies
        select new PaneRegister(
            0,
            new SeriesKey(model, segment),
            pane * PaneMs,
            new PaneClasses(space.Id, generation, inferred ? space : null, space.Choices),
            offsets.Item1,
            offsets.Item1 + offsets.Item2,
            (pane * PaneMs) + Math.Min(times.Item1, times.Item2),
            (pane * PaneMs) + Math.Max(times.Item1, times.Item2),
            new PaneSums(events, mass, squares, policy));

    private static readonly Dictionary<string, Action<PaneValue>> Broken = new()
    {
        { "a pane of no length", wire => wire.LengthMs = 0 },
        { "a pane that begins between panes", wire => wire.StartMs++ },
        { "an event before the pane", wire => wire.Offsets.EarliestEventMs = wire.StartMs - 1 },
        { "an event behind the pane", wire => wire.Offsets.LatestEventMs = wire.StartMs + PaneMs },
        {
            "times in the wrong order",
            wire => (wire.Offsets.EarliestEventMs, wire.Offsets.LatestEventMs) = (wire.StartMs + 2, wire.StartMs + 1)
        },
        {
            "a pane at the end of time",
            wire => wire.StartMs = wire.Offsets.EarliestEventMs = wire.Offsets.LatestEventMs = long.MaxValue / PaneMs * PaneMs
        },
        { "offsets in the wrong order", wire => wire.Offsets.First = wire.Offsets.Last + 1 },
        { "a negative offset", wire => wire.Offsets.First = -1 },
        { "no model", wire => wire.Model = "" },
        { "no segment", wire => wire.Segment = "" },
        { "no events", wire => wire.Outputs.Events = 0 },
        { "negative events", wire => wire.Outputs.Events = -1 },
        { "no sums", wire => { wire.Outputs.Mass.Clear(); wire.Outputs.Squares.Clear(); } },
        { "a square too many", wire => wire.Outputs.Squares.Add(1) },
        { "a cell too many", wire => { wire.Outputs.Mass.Add(1); wire.Outputs.Squares.Add(1); } },
        { "a policy without its sums", wire => wire.Outputs.Policy = new PolicyMoments { ExactEvents = 1 } },
        { "choices that are not those of its cells", wire => wire.Outputs.Choices = wire.Outputs.Choices == 7 ? 8 : 7 },
        { "negative choices", wire => wire.Outputs.Choices = -1 },
        { "a class too many", wire => wire.Outputs.InferredClasses.Add("one more") },
        { "a class twice", wire => wire.Outputs.InferredClasses[1] = wire.Outputs.InferredClasses[0] },
        { "classes that are not the space's", wire => wire.Outputs.InferredClasses[0] = "another" },
    };

    [Fact]
    public void A_register_is_the_same_after_its_journey() => Registers.Sample(register =>
    {
        var codec = Codec();
        var read = Assert.IsType<PaneRegister>(codec.Decode(codec.Encode(register)));
        Assert.True(register.Sums.SameAs(read.Sums));
        Assert.Equal(register.Classes.Inferred?.Names, read.Classes.Inferred?.Names);
        Assert.Equal(register with { Sums = read.Sums, Classes = read.Classes }, read);
        Assert.Equal((register.Classes.SpaceId, register.Classes.Generation), (read.Classes.SpaceId, read.Classes.Generation));
    });

    /// <summary>Of a vocabulary only the tokens seen travel: 20 of 200,000 take 12 bytes each, not 4 MB.</summary>
    [Fact]
    public void A_register_of_few_cells_of_many_is_the_same_after_its_journey_and_small() =>
        Gen.Select(Gen.Int[0, ClassSpace.MaxClasses].Array[0, 40], Gen.ULong[1, 1ul << 40], Gen.Bool).Sample(
            (cells, units, none) =>
            {
                int[] kept = none ? [] : [.. cells.Distinct().Order()];
                ulong[] values = [.. kept.Select((_, i) => units + (ulong)i)];
                var sums = new PaneSums(7, ClassSpace.MaxClasses + 1, kept, values, values);
                var codec = Codec();
                var bytes = codec.Encode(new PaneRegister(
                        0, new SeriesKey("m", "_all"), PaneMs, new PaneClasses("0123456789abcdef", 1, null), 0, 1, PaneMs, PaneMs, sums));
                var read = Assert.IsType<PaneRegister>(codec.Decode(bytes));
                Assert.True(read.Sums.IsSparse);
                Assert.True(sums.SameAs(read.Sums));
                Assert.InRange(bytes.Length, 0, 150 + (kept.Length * 15));
            },
            iter: 200);

    /// <summary>What a version that did not leave out any cells has written is the same value.</summary>
    [Fact]
    public void A_register_of_all_cells_of_many_is_read_as_one_of_few()
    {
        var sums = new PaneSums(7, 2_000, [3, 1_999], [5, 6], [7, 8]);
        var codec = Codec();
        var wire = PlaneRecord.Parser.ParseFrom(
            codec.Encode(new PaneRegister(
                    0, new SeriesKey("m", "_all"), PaneMs, new PaneClasses("0123456789abcdef", 1, null), 0, 1, PaneMs, PaneMs, sums)));
        wire.Pane.Outputs.Cells = 0;
        wire.Pane.Outputs.KeptCellGaps.Clear();
        wire.Pane.Outputs.Mass.Clear();
        wire.Pane.Outputs.Mass.AddRange(sums.MassOfAll());
        wire.Pane.Outputs.Squares.Clear();
        wire.Pane.Outputs.Squares.AddRange(sums.SquaresOfAll());
        Assert.True(sums.SameAs(Assert.IsType<PaneRegister>(codec.Decode(wire.ToByteArray())).Sums));
    }

    [Fact]
    public void A_register_of_few_cells_whose_parts_do_not_fit_is_none() => Assert.All(
        new Dictionary<string, Action<PaneValue>>
        {
            { "fewer cells than it keeps", wire => wire.Outputs.Cells = 1_999 },
            { "negative cells", wire => wire.Outputs.Cells = -1 },
            { "more cells than any class space", wire => wire.Outputs.Cells = ClassSpace.MaxClasses + 2 },
            { "a cell too many", wire => wire.Outputs.KeptCellGaps.Add(0) },
            { "a cell too few", wire => wire.Outputs.KeptCellGaps.RemoveAt(0) },
            { "a cell beyond 32 bits", wire => wire.Outputs.KeptCellGaps[1] = uint.MaxValue },
            { "a mass too many", wire => wire.Outputs.Mass.Add(1) },
            { "a square too few", wire => wire.Outputs.Squares.RemoveAt(0) },
        },
        part =>
        {
            var sums = new PaneSums(7, 2_000, [3, 1_999], [5, 6], [7, 8]);
            var wire = PlaneRecord.Parser.ParseFrom(
                Codec().Encode(new PaneRegister(
                        0, new SeriesKey("m", "_all"), PaneMs, new PaneClasses("0123456789abcdef", 1, null), 0, 1, PaneMs, PaneMs, sums)));
            Assert.NotNull(Codec().Decode(wire.ToByteArray()));
            part.Value(wire.Pane);
            Assert.Null(Codec().Decode(wire.ToByteArray()));
        });

    [Fact]
    public void Progress_is_the_same_after_its_journey() => Gen.Select(Gen.Long, Gen.Bool, Gen.Long, Gen.Long, Gen.Long).Sample(
        (closedBefore, caughtUp, asOf, seenUntil, lostBefore) =>
    {
        var progress = new LaneProgress(0, closedBefore, caughtUp, asOf)
        {
            SeenUntilMs = seenUntil,
            NextOffset = asOf,
            LostBeforeMs = lostBefore,
        };
        Assert.Equal(progress, Codec().Decode(Codec().Encode(progress)));
    });

    /// <summary>What a lane has closed follows from all of these: a value of another plan must not be taken for one of this.</summary>
    [Fact]
    public void Progress_of_another_plan_is_an_unreadable_lane() => Assert.All(
        [
            TestRecords.Plan("5m/5s", Lanes), TestRecords.Plan("5m/10s", Lanes with { AllowedLatenessMs = 1 }),
            TestRecords.Plan("5m/10s", Lanes with { AllowedSkewMs = 1 }), TestRecords.Plan("5m/10s", Lanes with { DisorderSlackMs = 1 })],
        plan =>
        {
            var message = Codec().Decode(TestRecords.Codec(plan, Source).Encode(new LaneProgress(0, 1, CaughtUp: true, AsOfMs: 2)));
            var unreadable = Assert.IsType<UnreadableLane>(message);
            Assert.Contains($"{plan.Lanes}", unreadable.Why, StringComparison.Ordinal);
            Assert.Null(unreadable.Register);
        });

    [Fact]
    public void A_register_of_another_pane_length_is_an_unreadable_lane_with_its_events()
    {
        var other = TestRecords.Codec(TestRecords.Plan("5m/5s", Lanes), Source);
        var register = new PaneRegister(
            0, new SeriesKey("m", "_all"), PaneMs / 2, new PaneClasses("0123456789abcdef", 1, null), 0, 1, PaneMs / 2, PaneMs / 2,
            new PaneSums(2, [1, 2], [1, 2]));
        Assert.Equal(2, Assert.IsType<UnreadableLane>(Codec().Decode(other.Encode(register))).Register!.Sums.Events);
    }

    [Fact]
    public void A_record_of_a_newer_format_is_an_unreadable_lane()
    {
        var wire = PlaneRecord.Parser.ParseFrom(Codec().Encode(new LaneProgress(0, 1, CaughtUp: true, AsOfMs: 2)));
        wire.Format = RecordFormat.Current + 1;
        Assert.Contains(
            $"format {RecordFormat.Current + 1}", Assert.IsType<UnreadableLane>(Codec().Decode(wire.ToByteArray())).Why,
            StringComparison.Ordinal);
    }

    /// <summary>A build reads its newest format and the one before, and writes the one that it is told to.</summary>
    [Fact]
    public void A_build_with_another_format_is_read_while_it_writes_the_one_before()
    {
        var planted = new RecordFormat(RecordFormat.Current + 1, RecordFormat.Current);
        var next = new RecordCodec(Plan, null, new SourcePartitions(Source), planted);
        var nextOn = new RecordCodec(Plan, null, new SourcePartitions(Source), planted with { Written = planted.Newest });
        var progress = new LaneProgress(0, 1, CaughtUp: true, AsOfMs: 2);
        Assert.Equal(progress, Codec().Decode(next.Encode(progress)));
        Assert.Equal(progress, next.Decode(Codec().Encode(progress)));
        Assert.Equal(progress, next.Decode(nextOn.Encode(progress)));
        Assert.IsType<UnreadableLane>(Codec().Decode(nextOn.Encode(progress)));
    }

    [Fact]
    public void Each_source_partition_has_its_own_number()
    {
        var codec = TestRecords.Codec(Plan);
        int IdOf(string topic, int partition) =>
            codec.Decode(TestRecords.Codec(Plan, new TopicPartition(topic, partition)).Encode(new LaneProgress(0, 1, true, 2)))
                is LaneProgress read
                ? read.SourcePartition
                : -1;
        Assert.Equal([0, 1, 2, 0, 1, 2], [IdOf("a", 0), IdOf("a", 1), IdOf("b", 0), IdOf("a", 0), IdOf("a", 1), IdOf("b", 0)]);
    }

    [Fact]
    public void A_register_of_ten_classes_takes_little_more_than_two_hundred_bytes()
    {
        // 100 events a second for ten seconds, spread evenly, before compression: more than half of it are the sums, 6 bytes each. The
        // classes' own names are added for a model without a reference or a configuration. Neither grows but with the events' logarithm.
        var sums = new PaneSums(11);
        double[] probabilities = [.. Enumerable.Repeat(0.1, 10), 0];
        for (var i = 0; i < 1_000; i++)
        {
            sums.Add(probabilities);
        }

        var space = ClassSpace.Indexed(10);
        var register = new PaneRegister(
            0, new SeriesKey("digits-lr", "_all"), 1_767_225_600_000, new PaneClasses(space.Id, 1_767_225_000_000, null), 5_000_000,
            5_000_999, 1_767_225_600_000, 1_767_225_609_990, sums);
        Assert.Equal(
            (232, 262), (
                Codec().Encode(register).Length,
                Codec().Encode(register with { Classes = register.Classes with { Inferred = space } }).Length));
    }

    [Fact]
    public void A_register_whose_parts_do_not_fit_is_none() => Assert.All(Broken, part =>
    {
        var space = ClassSpace.Indexed(2);
        var whole = PlaneRecord.Parser.ParseFrom(Codec().Encode(new PaneRegister(
                0, new SeriesKey("m", "_all"), PaneMs, new PaneClasses(space.Id, 0, space), 0, 1, PaneMs, PaneMs,
                new PaneSums(2, [1, 2, 3], [1, 2, 3]))));
        Assert.NotNull(Codec().Decode(whole.ToByteArray()));
        part.Value(whole.Pane);
        Assert.Null(Codec().Decode(whole.ToByteArray()));
    });

    [Fact]
    public void Nonsense_is_none_never_throws_and_makes_no_source()
    {
        var sources = new SourcePartitions();
        var codec = TestRecords.Codec(Plan, sources);
        var (log, nowhere) = (new SourceLog { Topic = "predictions" }, new SourceLog { Topic = "predictions", Partition = -1 });
        Assert.Null(((IDeserializer<PaneMessage?>)codec).Deserialize([], isNull: true, SerializationContext.Empty)); // a tombstone
        Assert.All(
            [
                new PlaneRecord(), new PlaneRecord { Source = log }, new PlaneRecord { Lane = new LaneState() },
                new PlaneRecord { Join = new JoinState() }, new PlaneRecord { Source = nowhere, Lane = new LaneState() },
                new PlaneRecord { Source = log, Pane = new PaneValue() }, new PlaneRecord { Settled = new SettledState() },
            ],
            record =>
            {
                Assert.Null(codec.Decode(record.ToByteArray()));
                record.Format = RecordFormat.Current;
                Assert.Null(codec.Decode(record.ToByteArray()));
            });
        Gen.Byte.Array[0, 200].Sample(bytes => { codec.Decode(bytes); }, iter: 5_000);
        Assert.True(sources.IdOf(Source) < 100); // a few random bytes may be progress
    }

    [Fact]
    public void Mutated_bytes_never_throw_and_what_still_is_a_register_holds_together() =>
        Gen.Select(Registers, Gen.Select(Gen.Int[0, 10_000], Gen.Byte, Gen.Int[0, 2]).Array[1, 4]).Sample(
            (register, changes) =>
            {
                var codec = Codec();
                var bytes = codec.Encode(register).ToList();
                foreach (var (at, value, kind) in changes)
                {
                    switch (kind)
                    {
                        case 0: bytes.Insert(at % (bytes.Count + 1), value); break;
                        case 1: bytes.RemoveRange(at % bytes.Count, Math.Min(bytes.Count - (at % bytes.Count), 1 + (value % 4))); break;
                        default: bytes[at % bytes.Count] = value; break;
                    }

                    if (bytes.Count == 0)
                    {
                        break;
                    }
                }

                if (codec.Decode(bytes.ToArray()) is PaneRegister read)
                {
                    Assert.Equal(0, read.PaneStartMs % PaneMs);
                    Assert.InRange(read.LatestEventMs, read.EarliestEventMs, read.PaneStartMs + PaneMs - 1);
                    Assert.True(
                        read.Classes.Inferred is not { } space || (space.CellCount == read.Sums.Cells && space.Id == read.Classes.SpaceId));
                }
            },
            iter: 5_000);

    [Fact]
    public void A_key_is_the_series_and_no_other_series_has_it() =>
        Assert.Equal(
            3, new[]
            {
                new SeriesKey("a", "bc"),
                new SeriesKey("ab", "c"),
                new SeriesKey("ab\u00e9", "c"),
            }.Select(series => Convert.ToHexString(RecordKeys.Of(series))).Distinct().Count());

    private static RecordCodec Codec() => TestRecords.Codec(Plan, Source);
}
