using DriftMonitor.Model;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Tests.State;

public sealed class RecentRecordsTests
{
    private const long MinuteMs = 60_000;

    private readonly RecentRecords _records = new();
    private readonly WatchedModels _models = new(10, 10, acceptUnknown: true);
    private readonly WatchedModel _model;

    public RecentRecordsTests()
    {
        _model = _models.Add("m");
        _records.Move(1_000 * MinuteMs);
    }

    [Theory]
    [InlineData(0, 0, false)]
    [InlineData(1, 1, true)]
    [InlineData(100, 50, false)]
    [InlineData(100, 51, true)]
    public void More_than_half_must_be_rejected(int read, int rejected, bool isRejected)
    {
        Count(read, rejected);
        Assert.Equal(isRejected ? ["m"] : [], _records.Rejected);
    }

    // minute    0   1   2   3   4   5   6
    // read     10  10  10  10  10  10  10
    // rejected 10  10  10  10   0   0   0     ends once 3 good minutes stand beside 2 of the others
    [Fact]
    public void It_ends_when_good_records_come()
    {
        var rejected = new List<bool>();
        for (var minute = 0; minute < 7; minute++)
        {
            _records.Move((1_000 + minute) * MinuteMs);
            Count(10, minute < 4 ? 10 : 0);
            rejected.Add(_records.Rejected.Any());
        }

        Assert.Equal([true, true, true, true, true, true, false], rejected);
    }

    [Fact]
    public void Minutes_without_records_do_not_count_until_all_is_old()
    {
        Count(1, 1);
        for (var minute = 1; minute <= 75; minute++)
        {
            _records.Move((1_000 + minute) * MinuteMs);
            Assert.Equal(["m"], _records.Rejected);
        }

        _records.Move(1_076 * MinuteMs);
        Assert.Empty(_records.Rejected);
        Count(1, 0);
        Assert.Empty(_records.Rejected);
    }

    [Fact]
    public void Of_old_minutes_and_new_ones_the_new_ones_count()
    {
        Count(1_000, 1_000);
        _records.Move(1_076 * MinuteMs - 1);
        Count(10, 0);
        Assert.Equal(["m"], _records.Rejected);
        _records.Move(1_076 * MinuteMs);
        Assert.Empty(_records.Rejected);
    }

    [Fact]
    public void Records_of_no_model_are_none_of_any()
    {
        _records.CountRead(null);
        _records.CountRejected(null);
        Assert.Empty(_records.Rejected);
    }

    [Fact]
    public void Each_model_has_its_own()
    {
        var other = _models.Add("other");
        for (var i = 0; i < 10; i++)
        {
            Count(1, 1);
            _records.Begin();
            _records.CountRead(other);
        }

        Assert.Equal(["m"], _records.Rejected);
    }

    /// <summary>A batch every hour of which all records are rejected: nothing comes in between that would say otherwise.</summary>
    [Fact]
    public void Batches_that_are_rejected_once_an_hour_are_rejected_throughout()
    {
        for (var minute = 0; minute < 300; minute++)
        {
            _records.Move((1_000 + minute) * MinuteMs);
            Count(minute % 60 == 0 ? 10 : 0, minute % 60 == 0 ? 10 : 0);
            Assert.Equal(["m"], _records.Rejected);
        }
    }

    [Fact]
    public void A_record_counts_once_for_each_model_that_its_rows_name()
    {
        var other = _models.Add("other");
        for (var record = 0; record < 3; record++)
        {
            _records.Begin();
            foreach (var model in new[] { _model, other, _model, other })
            {
                _records.CountRead(model);
                if (record == 0)
                {
                    _records.CountRejected(other);
                }
            }
        }

        Assert.Equal(
            [("m", 3, 0), ("other", 2, 1)],
            _records.Counts.Select(model => (model.Model, model.Accepted, model.Rejected)).OrderBy(model => model.Model));
    }

    /// <summary>The exporter makes its room by these numbers.</summary>
    [Fact]
    public void Labels_are_those_in_use()
    {
        Count(1, 0);
        Assert.Equal(1, _records.LabelSets.Alive);
        _records.Move(1_076 * MinuteMs);
        Assert.Equal(0, _records.LabelSets.Alive);
        Assert.Empty(_records.Counts);
    }

    private void Count(int read, int rejected)
    {
        for (var i = 0; i < read; i++)
        {
            _records.Begin();
            _records.CountRead(_model);
            if (i < rejected)
            {
                _records.CountRejected(_model);
            }
        }
    }
}
