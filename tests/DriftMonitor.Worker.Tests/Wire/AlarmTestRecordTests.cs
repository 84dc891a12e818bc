using DriftMonitor.Alarms;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Wire;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Tests.Wire;

/// <summary>Test alarms as records of the panes topic.</summary>
public sealed class AlarmTestRecordTests
{
    private const long HourMs = 3_600_000;
    private static readonly RecordCodec Codec = TestRecords.Codec(TestRecords.PlanOf(TimeSpan.FromSeconds(10)));

    /// <summary>Whatever the windows and sources of whoever reads it are.</summary>
    [Theory]
    [InlineData(AlarmSeverity.Warning)]
    [InlineData(AlarmSeverity.Critical)]
    public void One_is_the_same_after_its_journey(AlarmSeverity severity)
    {
        var test = new AlarmTest("qwen3:0.6b", severity, 1_000, 1_000 + HourMs);
        Assert.Equal(test, TestRecords.Codec(TestRecords.PlanOf(TimeSpan.FromMinutes(1))).Decode(Codec.Encode(test)));
    }

    [Theory]
    [InlineData("", 0, 0, 1)]
    [InlineData("m", 2, 0, 1)]
    [InlineData("m", 0, 1, 1)]
    [InlineData("m", 0, 0, HourMs + 1)]
    [InlineData("m", 0, long.MinValue, long.MaxValue)]
    public void What_nobody_can_have_asked_for_is_none(string model, int severity, long fromMs, long untilMs) =>
        Assert.Null(Codec.Decode(new PlaneRecord
        {
            Format = 1,
            AlarmTest = new AlarmTestValue { Model = model, Severity = severity, FromMs = fromMs, UntilMs = untilMs },
        }.ToByteArray()));

    /// <summary>Compaction would take the record of a series for it, or it for theirs.</summary>
    [Fact]
    public void Its_key_is_that_of_no_series() =>
        Assert.Equal("m\0\0test"u8.ToArray(), RecordKeys.OfTest("m"));
}
