using CsCheck;
using DriftMonitor.Join;
using DriftMonitor.Model;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Wire;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Tests.Wire;

/// <summary>What runs of the join say, as records of the feedback panes topic.</summary>
public sealed class LabelRecordTests
{
    private const string Topic = "labels";

    private static readonly RecordCodec Codec = TestRecords.Codec(TestRecords.PlanOf(TimeSpan.FromSeconds(10)));

    private static readonly Gen<FeedbackRegister> Registers =
        from attribution in Gen.Int[0, 1]
        from numbers in Gen.Long[0, long.MaxValue / 2].Array[4]
        from sums in Gen.Select(Gen.Long, Gen.ULong, (high, low) => new Int128((ulong)high, low)).Array[4]
        from bins in Gen.Long[1, long.MaxValue / 2].Array[3 * FeedbackSums.Bins]
        select new FeedbackRegister(
            3, 7, new FeedbackPaneKey(new SeriesKey("m", "s"), (Attribution)attribution, 10_000, 20_000), Sums(numbers, sums, bins));

    [Fact]
    public void A_register_is_the_same_after_its_journey() => Registers.Sample(register =>
    {
        var bytes = Codec.Encode(Topic, register);
        var read = Assert.IsType<FeedbackRegister>(Codec.Decode(bytes));
        Assert.Equal(register with { Sums = read.Sums }, read);
        Assert.Equal(bytes, Codec.Encode(Topic, read)); // so every sum is, too
        Assert.Equal((register.Sums.Loss, register.Sums.Brier), (read.Sums.Loss, read.Sums.Brier));
        Assert.Equal(register.Sums.BinCorrect, read.Sums.BinCorrect);
    });

    [Fact]
    public void Progress_is_the_same_after_its_journey() => Gen.Select(Gen.Long, Gen.Long, Gen.Long, Gen.Long).Sample(
        (records, asOf, labels, predictions) =>
        {
            var progress = new FeedbackProgress(3, 7, records, asOf) { LabelsLostBeforeMs = labels, PredictionsLostBeforeMs = predictions };
            Assert.Equal(progress, Codec.Decode(Codec.Encode(Topic, progress)));
        });

    [Fact]
    public void Progress_of_another_plan_or_a_newer_format_says_that_it_cannot_be_read()
    {
        var progress = new FeedbackProgress(3, 7, 1, 2);
        var record = PlaneRecord.Parser.ParseFrom(Codec.Encode(Topic, progress));
        record.Plan = "other panes";
        Assert.Equal(progress with { Unreadable = "other panes" }, Codec.Decode(record.ToByteArray()));
        record.Format = RecordFormat.Current + 1;
        Assert.Contains("format", Assert.IsType<FeedbackProgress>(Codec.Decode(record.ToByteArray())).Unreadable, StringComparison.Ordinal);
    }

    [Fact]
    public void A_register_whose_parts_do_not_fit_is_none() => Assert.All(
        new Dictionary<string, Action<PlaneRecord>>
        {
            { "no source", record => record.Source = null },
            { "no run", record => record.Pane.ClearVersion() },
            { "no sums", record => record.Pane.ClearSums() },
            { "another attribution", record => record.Pane.Attribution = 2 },
            { "no length", record => record.Pane.LengthMs = 0 },
            { "between panes", record => record.Pane.StartMs++ },
            { "a bin too few", record => record.Pane.Labels.BinEvents.RemoveAt(0) },
            { "no bins of one kind", record => record.Pane.Labels.BinCorrect.Clear() },
        },
        part =>
        {
            var record = PlaneRecord.Parser.ParseFrom(Codec.Encode(Topic, Registers.Single()));
            Assert.NotNull(Codec.Decode(record.ToByteArray()));
            part.Value(record);
            Assert.Null(Codec.Decode(record.ToByteArray()));
        });

    private static FeedbackSums Sums(long[] numbers, Int128[] sums, long[] bins)
    {
        var read = new FeedbackSums
        {
            Predictions = numbers[0],
            Events = numbers[1] + 1,
            SoftEvents = numbers[2],
            Correct = numbers[3],
            Loss = sums[0],
            Expected = sums[1],
            Kl = sums[2],
            Brier = sums[3],
        };
        bins.AsSpan(0, FeedbackSums.Bins).CopyTo(read.BinEvents);
        bins.AsSpan(FeedbackSums.Bins, FeedbackSums.Bins).CopyTo(read.BinConfidence);
        bins.AsSpan(2 * FeedbackSums.Bins).CopyTo(read.BinCorrect);
        return read;
    }
}
