using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Worker.Wire.Proto;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>What a rollups topic says: every settled pane, and how far each partition has settled.</summary>
/// <remarks>
/// A settled pane is immutable, so every record of it must be the same to the last byte, whoever wrote it. But of panes longer than a base
/// pane only those are written that a window still reaches when they settle, and the log begins before every window: so which of the first
/// are written depends on how quickly the backlog was worked off, and those before <paramref name="longerFromMs"/> are left out.
/// </remarks>
internal sealed class SettledPanes(long longerFromMs)
{
    private readonly SortedDictionary<string, string> _records = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _sums = new(StringComparer.Ordinal);
    private readonly List<string> _contradictions = [];
    private readonly long[] _settledBeforeMs = [.. Enumerable.Repeat(long.MinValue, MonitorTopics.PanesPartitions)];

    /// <summary>How often a pane was written down again: by a successor, or by a zombie.</summary>
    public int Repeats { get; private set; }

    public static string KeyOf(SeriesKey series, long startMs, long lengthMs) => $"{series} {lengthMs} ms from {startMs}";

    public static bool IsCompared(long startMs, long lengthMs, long longerFromMs) =>
        lengthMs == TestPlan.BasePaneMs || startMs >= longerFromMs;

    public static string SumsOf(long events, IEnumerable<ulong> mass, IEnumerable<ulong> squares) =>
        $"events {events} mass {string.Join(' ', mass)} squares {string.Join(' ', squares)}";

    public void Add(ConsumeResult<Ignore, byte[]> record)
    {
        if (record.Message.Value is null)
        {
            return; // lets go of a pane that no window needs any more
        }

        var rollup = PlaneRecord.Parser.ParseFrom(record.Message.Value);
        lock (_records)
        {
            if (rollup.Settled is { } settled)
            {
                // A successor or a zombie may say less than is known.
                _settledBeforeMs[record.Partition] = Math.Max(_settledBeforeMs[record.Partition], settled.BeforeMs);
                return;
            }

            var pane = rollup.Pane;
            if (!IsCompared(pane.StartMs, pane.LengthMs, longerFromMs))
            {
                return;
            }

            var key = KeyOf(new SeriesKey(pane.Model, pane.Segment), pane.StartMs, pane.LengthMs);
            var bytes = $"{pane} {Convert.ToHexString(record.Message.Value)}";
            if (!_records.TryAdd(key, bytes))
            {
                Repeats++;
                if (_records[key] != bytes)
                {
                    _contradictions.Add($"settled: {key} was written twice\n    first: {_records[key]}\n    then: {bytes}");
                }
            }

            _sums[key] = SumsOf(pane.Outputs.Events, pane.Outputs.Mass, pane.Outputs.Squares);
        }
    }

    public bool AllSettledBefore(long beforeMs)
    {
        lock (_records)
        {
            return _settledBeforeMs.All(settled => settled >= beforeMs);
        }
    }

    /// <summary>Each pane's record.</summary>
    public SortedDictionary<string, string> Records()
    {
        lock (_records)
        {
            return new SortedDictionary<string, string>(_records, StringComparer.Ordinal);
        }
    }

    /// <summary>Each pane's sums.</summary>
    public SortedDictionary<string, string> Sums()
    {
        lock (_records)
        {
            return new SortedDictionary<string, string>(_sums, StringComparer.Ordinal);
        }
    }

    /// <summary>Panes that were written down again and not the same.</summary>
    public string[] Contradictions()
    {
        lock (_records)
        {
            return [.. _contradictions];
        }
    }

    public override string ToString()
    {
        lock (_records)
        {
            return $"settled before {string.Join(' ', _settledBeforeMs)}";
        }
    }
}
