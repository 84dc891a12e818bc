namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>What happened in a run: how hard the group was tried.</summary>
internal sealed class CrashFigures
{
    public Dictionary<KillAim, int> Kills { get; } = Enum.GetValues<KillAim>().ToDictionary(aim => aim, _ => 0);

    /// <summary>Lanes whose last publication had arrived in part when their replica was killed.</summary>
    public int TornPublications { get; set; }

    public int Zombies { get; set; }

    /// <summary>Replicas that were asked to end, and replaced by one of another release.</summary>
    public int Replaced { get; set; }

    /// <summary>Registers that zombies published of partitions that others had read further by then.</summary>
    public int ZombieRegisters { get; set; }

    public List<string> BrokerFaults { get; } = [];

    public int Assignments { get; set; }

    public int EndedThemselves { get; set; }

    public int Records { get; set; }

    public int Counted { get; set; }

    public int PanesCompared { get; set; }

    public int SettledPanesCompared { get; set; }

    /// <summary>Settled panes that the attacked group wrote down more than once.</summary>
    public int SettledRepeats { get; set; }

    public int DeadLetters { get; set; }

    /// <summary>With those that were copied again after a crash.</summary>
    public int DeadLetterRecords { get; set; }

    public int WindowSamplesCompared { get; set; }

    /// <summary>Alarms that began before the attack and ended after it.</summary>
    public int Alarms { get; set; }

    /// <summary>Of these, how many began alike, and with another sentence: only two releases may word it in two ways.</summary>
    public int OtherSentences { get; set; }

    /// <summary>By how much two groups' ends of an alarm differ at most.</summary>
    public long EndsApartMs { get; set; }

    /// <summary>Statuses that did not hold, since another replica owned the model by then.</summary>
    public int FencedStatuses { get; set; }

    public int PaneRecords { get; set; }

    public int PassedOver { get; set; }

    public TimeSpan Duration { get; set; }

    public override string ToString() => FormattableString.Invariant($"""
        kills {Kills.Values.Sum()} ({string.Join(", ", Kills.Select(kill => $"{kill.Key} {kill.Value}"))}), lanes with a torn publication {TornPublications}, replaced {Replaced}
        zombies {Zombies} (registers that they said: {ZombieRegisters}), broker faults: {(BrokerFaults.Count == 0 ? "none" : string.Join(", ", BrokerFaults))}
        assignments {Assignments}, replicas that ended themselves {EndedThemselves}
        predictions {Records}, of which {Counted} count; panes compared {PanesCompared}, settled panes compared {SettledPanesCompared} ({SettledRepeats} written again), dead letters {DeadLetters} in {DeadLetterRecords} records, window samples compared {WindowSamplesCompared}
        alarms compared {Alarms} ({OtherSentences} with another sentence), their ends at most {EndsApartMs} ms apart, statuses passed over {FencedStatuses}
        records in the attacked panes topic {PaneRecords}, of which {PassedOver} passed over; {Duration.TotalSeconds:0} s
        """);
}
