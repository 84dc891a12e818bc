namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// A drift that begins before the attack and ends after it: its alarms begin in both groups alike, since nobody is attacked then, and the
/// attacked group may not tell of them once more, nor of their end, until they end in both.
/// </summary>
/// <remarks>
/// Of two releases in one group, what must hold is compared: series, kind, severity, basis, begin, onset, end, and what was above when it
/// began (window, measure, value). The sentence about it is not, since a release may word it otherwise; but what one release has said of an
/// alarm, the other must go on saying, so that a group never says two sentences of one.
/// </remarks>
/// <param name="player">The traffic.</param>
/// <param name="steady">The group that is left in peace.</param>
/// <param name="attacked">The other one.</param>
/// <param name="sameWords">Whether both groups run programs that say the same of the same.</param>
internal sealed class DriftUnderAttack(TrafficPlayer player, MonitorGroup steady, MonitorGroup attacked, bool sameWords)
{
    /// <summary>
    /// Of each of the three series of the model with a budget a warning and a critical alarm, and of all the policy's traffic a critical
    /// one.
    /// </summary>
    private const int Alarms = 7;

    public AlarmsSaid Steady { get; } = new();

    public AlarmsSaid Attacked { get; } = new();

    /// <summary>Lets two models drift, and waits until both groups have said so.</summary>
    public async Task BeginAsync()
    {
        await Task.WhenAll(steady.GuardedAsync(), attacked.GuardedAsync());
        player.Drift(begins: true);
        await Patience.UntilAsync(
            "both groups have said all alarms", () => Steady.All().Length == Alarms && Attacked.All().Length == Alarms, ToString);
    }

    /// <summary>Ends the drift, waits until both groups have said so, and compares what they have said.</summary>
    /// <returns>Every difference.</returns>
    public async Task<List<string>> EndAsync(CrashFigures figures)
    {
        await attacked.WorkingAsync();
        await attacked.ReadyAsAsync(steady);
        player.Drift(begins: false);
        await Patience.UntilAsync(
            "both groups have said that all alarms are over",
            () =>
            {
                attacked.Revive();
                return Steady.All().All(alarm => alarm.EndedMs.Count > 0) && Attacked.All().All(alarm => alarm.EndedMs.Count > 0);
            },
            ToString);
        figures.Alarms = Attacked.All().Length;
        figures.FencedStatuses = Attacked.Fenced;
        var (peaceful, surviving) = (Steady.All(), Attacked.All());
        figures.OtherSentences = peaceful.Zip(surviving).Count(
            pair => pair.First.BeganMs == pair.Second.BeganMs && Sentences(pair.First) != Sentences(pair.Second));
        figures.EndsApartMs = peaceful.Zip(surviving).Max(pair => EndsApart(pair.First, pair.Second));
        return
        [
            .. peaceful.Concat(surviving).Where(alarm => alarm.Begins.Count != 1 || alarm.EndedMs.Count != 1)
                .Select(alarm => $"alarms: not always the same was said of {alarm}"),
            .. peaceful.Length == surviving.Length && peaceful.Zip(surviving).All(pair => AreAlike(pair.First, pair.Second))
                ? Array.Empty<string>()
                : [$"alarms: {this}"],
        ];
    }

    /// <summary>
    /// A slide apart at most when they begin: one where somebody is late to publish is evaluated by what is there. Words that begin alike
    /// are the same.
    /// </summary>
    private bool AreAlike(SaidAlarm one, SaidAlarm other) =>
        one.Name == other.Name
        && Math.Abs(one.BeganMs - other.BeganMs) <= TestPlan.BasePaneMs
        && EndsApart(one, other) <= Lengths.EndsApartMs
        && one.Begins.First() is var begin && other.Begins.First() is var same
        && begin.OnsetMs == same.OnsetMs
        && (one.BeganMs != other.BeganMs || (begin.Above == same.Above && (!sameWords || begin.Sentence == same.Sentence)));

    private static string Sentences(SaidAlarm alarm) => string.Join('\n', alarm.Begins.Select(begin => begin.Sentence));

    private static long EndsApart(SaidAlarm one, SaidAlarm other) => Math.Abs(one.EndedMs.Max() - other.EndedMs.Max());

    public override string ToString() => $"steady\n  {Steady}\nattacked\n  {Attacked}";
}
