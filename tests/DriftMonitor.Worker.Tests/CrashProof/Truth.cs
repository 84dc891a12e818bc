using System.Globalization;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Model;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// What every pane must hold, worked out from the predictions topic and the test's own events, with nothing of the product's.
/// </summary>
/// <remarks>
/// A lane reads its partition once, in order: an event too far from its record's timestamp does not count, nor does one whose pane the
/// lane's clock, the highest timestamp of a record that did, has passed by lateness and slack.
/// </remarks>
internal sealed class Truth(Func<int, TestEvent?> eventOf)
{
    private const int UnitsBits = 22; // a share of 2⁻¹⁰ in units of 2⁻³²
    private const int SquareBits = 12;

    private readonly Dictionary<PaneKey, Pane> _panes = [];
    private readonly SortedDictionary<string, string> _refused = new(StringComparer.Ordinal);
    private readonly long[] _clockMs = [.. Enumerable.Repeat(long.MinValue, RandomTraffic.Lanes)];

    public int Records { get; private set; }

    public int Counted { get; private set; }

    /// <summary>Takes in the next record of a partition.</summary>
    public void Add(ConsumeResult<Ignore, byte[]> record)
    {
        lock (_panes)
        {
            Records++;
            var counts = Read(record.Message.Value) is { Shares: not null } read
                && Add(read, record.Partition.Value, record.Offset.Value, record.Message.Timestamp.UnixTimestampMs);
            if (!counts)
            {
                _refused.Add(DeadLetters.KeyOf(record.Partition, record.Offset), DeadLetters.ValueOf(record.Message.Value));
            }
        }
    }

    /// <summary>Every pane as a register must describe it.</summary>
    public SortedDictionary<string, string> Panes()
    {
        lock (_panes)
        {
            return new SortedDictionary<string, string>(
                _panes.ToDictionary(pane => pane.Key.ToString(), pane => pane.Value.ToString()), StringComparer.Ordinal);
        }
    }

    /// <summary>The records that count in no pane, as the dead-letter topic must hold them.</summary>
    public SortedDictionary<string, string> Refused()
    {
        lock (_panes)
        {
            return new SortedDictionary<string, string>(_refused, StringComparer.Ordinal);
        }
    }

    /// <summary>The events of every series in a window, by the name that the metric gives it.</summary>
    public SortedDictionary<string, string> WindowEvents(long timeMs)
    {
        var windows = new SortedDictionary<string, string>(StringComparer.Ordinal);
        lock (_panes)
        {
            foreach (var series in _panes.Keys.Select(key => key.Series).Distinct())
            {
                foreach (var window in TestPlan.Windows)
                {
                    var to = timeMs - (timeMs % window.SlideMs);
                    var events = _panes.Where(
                        pane => pane.Key.Series == series
                            && pane.Key.PaneStartMs >= to - window.LengthMs
                            && pane.Key.PaneStartMs < to).Sum(pane => pane.Value.Events);
                    windows[WindowMetrics.EventsOf(series, window.Name)] = events.ToString(CultureInfo.InvariantCulture);
                }
            }
        }

        return windows;
    }

    /// <summary>Every pane summed over the lanes, in the lengths of the slides, as far as it ends by a time and is compared.</summary>
    public SortedDictionary<string, string> Settled(long beforeMs, long longerFromMs)
    {
        var settled = new SortedDictionary<string, string>(StringComparer.Ordinal);
        lock (_panes)
        {
            foreach (var length in TestPlan.Windows.Select(window => window.SlideMs).Distinct())
            {
                foreach (var pane in _panes
                    .GroupBy(pane => (pane.Key.Series, StartMs: pane.Key.PaneStartMs / length * length), pane => pane.Value))
                {
                    if (pane.Key.StartMs + length <= beforeMs && SettledPanes.IsCompared(pane.Key.StartMs, length, longerFromMs))
                    {
                        settled[SettledPanes.KeyOf(pane.Key.Series, pane.Key.StartMs, length)] = SettledPanes.SumsOf(
                            pane.Sum(part => part.Events), Sum(pane.Select(part => part.Mass)), Sum(pane.Select(part => part.Squares)));
                    }
                }
            }
        }

        return settled;
    }

    private static ulong[] Sum(IEnumerable<ulong[]> parts) => parts.Aggregate((a, b) => [.. a.Zip(b, (x, y) => x + y)]);

    private TestEvent? Read(byte[] value)
    {
        try
        {
            using var json = JsonDocument.Parse(value);
            return eventOf(int.Parse(json.RootElement.GetProperty("id").GetString()!, CultureInfo.InvariantCulture));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private bool Add(TestEvent read, int lane, long offset, long recordMs)
    {
        var paneStart = read.EventMs / TestPlan.BasePaneMs * TestPlan.BasePaneMs;
        var paneEnd = paneStart + TestPlan.BasePaneMs;
        var late = recordMs - read.EventMs > TestPlan.LatenessMs;
        var ahead = read.EventMs - recordMs > TestPlan.SkewMs;
        var closed = _clockMs[lane] != long.MinValue && _clockMs[lane] > paneEnd + TestPlan.LatenessMs + TestPlan.SlackMs;
        if (late || ahead || closed)
        {
            return false;
        }

        Counted++;
        _clockMs[lane] = Math.Max(_clockMs[lane], recordMs);
        foreach (var segment in read.Segment is null ? [SeriesKey.All] : new[] { SeriesKey.All, read.Segment })
        {
            var key = new PaneKey(lane, new SeriesKey(read.Model, segment), paneStart);
            if (!_panes.TryGetValue(key, out var pane))
            {
                _panes.Add(key, pane = new Pane(offset, read.Shares!.Length + 1)); // the last cell is that of classes unknown, empty here
            }

            pane.Add(read, offset);
        }

        return true;
    }

    private sealed class Pane(long firstOffset, int cells)
    {
        private long _lastOffset;
        private long _earliestMs = long.MaxValue;
        private long _latestMs = long.MinValue;

        public int Events { get; private set; }

        public ulong[] Mass { get; } = new ulong[cells];

        public ulong[] Squares { get; } = new ulong[cells];

        public void Add(TestEvent read, long offset)
        {
            Events++;
            _lastOffset = offset;
            _earliestMs = Math.Min(_earliestMs, read.EventMs);
            _latestMs = Math.Max(_latestMs, read.EventMs);
            for (var k = 0; k < read.Shares!.Length; k++)
            {
                var share = (ulong)read.Shares[k];
                Mass[k] += share << UnitsBits;
                Squares[k] += (share * share) << SquareBits;
            }
        }

        public override string ToString() => PaneValue.Of(firstOffset, _lastOffset, _earliestMs, _latestMs, Events, Mass, Squares);
    }
}
