using Confluent.Kafka;
using DriftMonitor.Panes;
using DriftMonitor.Worker.Tests.Wire;
using DriftMonitor.Worker.Wire;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>What a panes topic says in the end: the one value of every register, and how far each lane has come.</summary>
/// <remarks>
/// Nothing is ever forgotten here, as stage 2 forgets closed panes: so nothing hides what the merge rule makes of a repeat.
/// </remarks>
internal sealed class MergedPanes
{
    private readonly Dictionary<PaneKey, PaneRegister> _registers = [];
    private readonly Lane[] _lanes;
    private readonly RecordCodec _codec;
    private readonly MergeRule _rule;

    public MergedPanes(string predictionsTopic, int panesPartitions, MergeRule rule)
    {
        _rule = rule;
        _lanes = [.. Enumerable.Range(0, RandomTraffic.Lanes).Select(_ => new Lane(panesPartitions))];
        // numbered as they are given
        var sources = new SourcePartitions([.. _lanes.Select((_, lane) => new TopicPartition(predictionsTopic, lane))]);
        _codec = TestRecords.Codec(TestPlan.Plan, sources);
    }

    public int Records { get; private set; }

    /// <summary>Registers that the rule passed over: repeats, and what a re-read or a zombie said again of less.</summary>
    public int PassedOver { get; private set; }

    /// <summary>Takes in a record.</summary>
    /// <returns>Which message it was.</returns>
    public PaneMessage Add(ConsumeResult<Ignore, byte[]> record)
    {
        var message = _codec.Decode(record.Message.Value)
            ?? throw new InvalidDataException($"{record.TopicPartitionOffset} is no pane message");
        lock (_registers)
        {
            Records++;
            switch (message)
            {
                case PaneRegister register:
                    Merge(register);
                    _lanes[register.SourcePartition].Add(record.Partition.Value, register);
                    break;
                case LaneProgress progress:
                    _lanes[progress.SourcePartition].Add(record.Partition.Value, progress.ClosedBeforeMs);
                    break;
            }
        }

        return message;
    }

    /// <summary>Whether every lane has said in every partition that it closed what ended before this time.</summary>
    public bool AllClosedBefore(long closedBeforeMs)
    {
        lock (_registers)
        {
            return _lanes.All(lane => lane.ClosedBeforeMs.All(closed => closed >= closedBeforeMs));
        }
    }

    /// <summary>How many lanes' last publication has arrived in part. From here on they are looked at anew.</summary>
    public int TakeTornPublications(IEnumerable<int> lanes)
    {
        lock (_registers)
        {
            return lanes.Count(lane => _lanes[lane].TakeTorn());
        }
    }

    /// <summary>The offset of the last event that each lane has spoken of.</summary>
    public long[] LastOffsets()
    {
        lock (_registers)
        {
            return [.. _lanes.Select(lane => lane.LastOffset)];
        }
    }

    public SortedDictionary<string, string> Values(bool withClasses)
    {
        lock (_registers)
        {
            return new SortedDictionary<string, string>(
                _registers.ToDictionary(
                    entry => entry.Key.ToString(),
                    entry => PaneValue.Of(entry.Value) + (
                        withClasses ? $" classes {entry.Value.Classes.SpaceId} generation {entry.Value.Classes.Generation}" : "")),
                StringComparer.Ordinal);
        }
    }

    public override string ToString()
    {
        lock (_registers)
        {
            return $"{Records} records, closed before: {string.Join(" | ", _lanes.Select(lane => string.Join(' ', lane.ClosedBeforeMs)))}";
        }
    }

    private void Merge(PaneRegister register)
    {
        var key = new PaneKey(register.SourcePartition, register.Series, register.PaneStartMs);
        if (!_registers.TryGetValue(key, out var known) || _rule.Replaces(register, known))
        {
            _registers[key] = register;
        }
        else
        {
            PassedOver++;
        }
    }

    /// <summary>What a lane has said to each panes partition: a publication ends with its progress in every one.</summary>
    private sealed class Lane(int partitions)
    {
        private readonly int[] _ended = new int[partitions];
        private readonly bool[] _unfinished = new bool[partitions];

        public long LastOffset { get; private set; } = -1;

        public long[] ClosedBeforeMs { get; } = [.. Enumerable.Repeat(long.MinValue, partitions)];

        public void Add(int partition, PaneRegister register)
        {
            _unfinished[partition] = true;
            LastOffset = Math.Max(LastOffset, register.LastOffset);
        }

        public void Add(int partition, long closedBeforeMs)
        {
            ClosedBeforeMs[partition] = Math.Max(ClosedBeforeMs[partition], closedBeforeMs);
            _unfinished[partition] = false;
            _ended[partition]++;
        }

        public bool TakeTorn()
        {
            var torn = _unfinished.Contains(true) || _ended.Distinct().Count() > 1;
            Array.Clear(_unfinished);
            Array.Clear(_ended);
            return torn;
        }
    }
}
