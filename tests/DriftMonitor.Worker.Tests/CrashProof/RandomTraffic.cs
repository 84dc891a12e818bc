namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// An endless stream of events that a seed determines, from a start on: out of order, late, ahead, far off, and nonsense.
/// </summary>
internal sealed class RandomTraffic(int seed, long startMs)
{
    public const int Lanes = 4;
    public const int EventsPerSecond = 120;
    public const string FirstModel = "clicks";

    /// <summary>The model that has a reference, and a budget of false alarms.</summary>
    public const string ReferredModel = "fraud";

    /// <summary>The model whose outputs are two policies.</summary>
    public const string PolicyModel = "rare";

    /// <summary>Model → number of classes, the busiest first. The last two have neither a reference nor configured classes.</summary>
    public static readonly (string Name, int Classes)[] Models = [(FirstModel, 3), (ReferredModel, 2), ("digits", 5), (PolicyModel, 2)];

    private static readonly string?[] Segments = [null, null, "country=DE", "country=FR"];

    /// <summary>Busy, half as busy, … lanes.</summary>
    private static readonly int[] LaneOf = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 3];

    private readonly Random _random = new(seed);
    private int _next;
    private long _driftFromMs = long.MaxValue;
    private long _driftToMs = long.MaxValue;

    /// <summary>What the model with a reference puts out while nothing drifts, one event each 20 ms.</summary>
    public static IEnumerable<TestEvent> Calm(int events)
    {
        var traffic = new RandomTraffic(seed: 0, startMs: 0);
        return Enumerable.Range(0, events).Select(
            id => traffic.Make(id, Models[1], Segments[traffic._random.Next(Segments.Length)], TestPlan.ReferenceStartMs + (id * 20L)));
    }

    /// <summary>From that event time on, models of two classes choose one as often as the other before; after the second no more.</summary>
    public void Drift(long fromMs, long toMs)
    {
        Volatile.Write(ref _driftFromMs, fromMs);
        Volatile.Write(ref _driftToMs, toMs);
    }

    /// <summary>The next event, the lane it goes to, the timestamp that its record gets, and when it is due.</summary>
    public (TestEvent Event, int Lane, long RecordMs, long DueMs) Next()
    {
        var id = _next++;
        var due = startMs + (id * 1_000L / EventsPerSecond);
        if (id < Models.Length * Segments.Length)
        {
            // Every series begins with the stream, so that its windows count as complete as soon as they lie behind it.
            return (Make(id, Models[id / Segments.Length], Segments[id % Segments.Length], startMs), id % Lanes, startMs, startMs);
        }

        var recordMs = due + RecordJitter();
        var model = Models[Math.Min(_random.Next(Models.Length), _random.Next(Models.Length))];
        var made = Make(id, model, Segments[_random.Next(Segments.Length)], recordMs - Delay());
        return (_random.Next(100) == 0 ? made with { Shares = null } : made, LaneOf[_random.Next(LaneOf.Length)], recordMs, due);
    }

    /// <summary>
    /// The last event of a lane: its record's time is beyond every other's, so whoever has published that clock has read the lane.
    /// </summary>
    public TestEvent Last(long recordMs) => Make(_next++, Models[0], null, recordMs);

    private TestEvent Make(int id, (string Name, int Classes) model, string? segment, long eventMs)
    {
        var shares = new int[model.Classes];
        var left = TestEvent.Whole;
        for (var k = 1; k < shares.Length; k++)
        {
            shares[k] = _random.Next(left / 2);
            left -= shares[k];
        }

        shares[0] = left;
        if (model.Classes == 2 && eventMs >= Volatile.Read(ref _driftFromMs) && eventMs < Volatile.Read(ref _driftToMs))
        {
            Array.Reverse(shares);
        }

        return new TestEvent(id, model.Name, segment, eventMs, shares);
    }

    private int RecordJitter() => _random.Next(100) switch
    {
        < 85 => -_random.Next(50),
        < 94 => -_random.Next(800),
        < 98 => _random.Next(400),
        _ => -_random.Next(1_000, 5_000), // beyond the disorder slack: its pane may be closed
    };

    private int Delay() => _random.Next(100) switch
    {
        < 70 => _random.Next(300),
        < 90 => _random.Next(1_900),
        < 95 => _random.Next(1_900, 2_100), // late or just not
        < 98 => -_random.Next(1_100), // ahead, or just too far
        _ => _random.Next(-6_000, 6_000),
    };
}
