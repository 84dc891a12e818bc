using System.Collections.Immutable;
using DriftMonitor.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Tests.State;

/// <summary>Test alarms of 5 minutes, asked for at time 0.</summary>
public sealed class AlarmTestsTests
{
    private const long OverMs = 300_000;
    private readonly AlarmTests _tests = new(new ModelOwners(
        ImmutableSortedDictionary<string, ModelOwner>.Empty.Add("calm", ModelOwner.Nobody with { MaxSeverity = AlarmSeverity.Warning })));

    [Fact]
    public void One_is_shown_until_it_is_over_and_no_longer_when_it_is_read_again()
    {
        _tests.Show(Of("m"), partition: 3, offset: 7, nowMs: 0);
        Assert.Equal(["m critical"], Shown(OverMs - 1));
        Assert.Equal((7, long.MaxValue), (_tests.FirstOffset(3, OverMs - 1), _tests.FirstOffset(2, 0)));
        Assert.Empty(Shown(OverMs));
        Assert.Equal(long.MaxValue, _tests.FirstOffset(3, OverMs));

        _tests.Show(Of("m"), partition: 3, offset: 7, nowMs: OverMs);
        Assert.Empty(Shown(OverMs - 1));
        Assert.Equal(0, _tests.LabelSets.Alive);
    }

    [Fact]
    public void A_later_one_of_the_same_model_and_severity_takes_its_place()
    {
        _tests.Show(Of("m"), partition: 3, offset: 7, nowMs: 0);
        _tests.Show(Of("m", AlarmSeverity.Warning), partition: 3, offset: 8, nowMs: 0);
        _tests.Show(Of("m", untilMs: 1_000), partition: 3, offset: 9, nowMs: 0);
        Assert.Equal(["m critical", "m warning"], Shown(999));
        Assert.Equal(["m warning"], Shown(1_000));
        Assert.Equal((8, 2), (_tests.FirstOffset(3, 0), _tests.LabelSets.Alive));
    }

    [Fact]
    public void Those_of_a_partition_go_with_it()
    {
        _tests.Show(Of("m"), partition: 3, offset: 7, nowMs: 0);
        _tests.Show(Of("other"), partition: 4, offset: 1, nowMs: 0);
        _tests.Hide(partition: 3);
        Assert.Equal(["other critical"], Shown(0));
        Assert.Equal((2, 1), (_tests.LabelSets.Issued, _tests.LabelSets.Alive));
    }

    [Fact]
    public void It_comes_as_the_models_alarms_do()
    {
        _tests.Show(Of("calm"), partition: 0, offset: 0, nowMs: 0);
        Assert.Equal(["calm warning"], Shown(0));
    }

    private static AlarmTest Of(string model, AlarmSeverity severity = AlarmSeverity.Critical, long untilMs = OverMs) =>
        new(model, severity, 0, untilMs);

    private IEnumerable<string> Shown(long nowMs) =>
        _tests.Showing(nowMs).Select(labels => string.Join(' ', labels.Select(label => label.Value))).Order();
}
