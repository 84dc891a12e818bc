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
        for (var minute = 1; minute <= 15; minute++)
        {
            _records.Move((1_000 + minute) * MinuteMs);
            Assert.Equal(["m"], _records.Rejected);
        }

        _records.Move(1_016 * MinuteMs);
        Assert.Empty(_records.Rejected);
        Count(1, 0);
        Assert.Empty(_records.Rejected);
    }

    [Fact]
    public void Of_old_minutes_and_new_ones_the_new_ones_count()
    {
        Count(1_000, 1_000);
        _records.Move(1_016 * MinuteMs - 1);
        Count(10, 0);
        Assert.Equal(["m"], _records.Rejected);
        _records.Move(1_016 * MinuteMs);
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
            _records.CountRead(other);
        }

        Assert.Equal(["m"], _records.Rejected);
    }

    private void Count(int read, int rejected)
    {
        for (var i = 0; i < read; i++)
        {
            _records.CountRead(_model);
            if (i < rejected)
            {
                _records.CountRejected(_model);
            }
        }
    }
}
