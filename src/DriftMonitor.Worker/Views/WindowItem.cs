namespace DriftMonitor.Worker.Views;

/// <summary>A window of a model's outputs, as it is now.</summary>
/// <param name="Segment">The slice of traffic, <c>_all</c> for all of it.</param>
/// <param name="Window">Its name, which is its length.</param>
/// <param name="SlideMs">How far it moves at a time, milliseconds.</param>
/// <param name="FromMs">Its inclusive start, epoch milliseconds of event time.</param>
/// <param name="ToMs">Its exclusive end.</param>
/// <param name="Events">How many events it has.</param>
/// <param name="MinimumEvents">How many it needs.</param>
/// <param name="Readiness">Whether it may raise an alarm, and if not, why.</param>
/// <param name="ReadyMs">When it will be complete, event time; null where it is, or where nobody knows.</param>
/// <param name="KlLiveVsReferenceNats">KL(live‖reference); null without a reference.</param>
/// <param name="KlReferenceVsLiveNats">KL(reference‖live).</param>
/// <param name="NoiseFloorNats">What KL shows with no drift at all.</param>
/// <param name="CusumNats">What a persistent drift added up to over its panes.</param>
/// <param name="Readings">Its values beside their thresholds.</param>
/// <param name="Pace">Whether its drift came suddenly or gradually.</param>
/// <param name="IsPending">Whether a threshold is being worked out.</param>
/// <param name="IsUnsupported">Whether the reference has too little for the threshold that a budget asks for.</param>
internal sealed record WindowItem(
    string Segment, string Window, long SlideMs, long FromMs, long ToMs, long Events, long MinimumEvents, Readiness Readiness,
    long? ReadyMs, double? KlLiveVsReferenceNats, double? KlReferenceVsLiveNats, double? NoiseFloorNats, double? CusumNats,
    ImmutableArray<ReadingItem> Readings, DriftPace Pace, bool IsPending, bool IsUnsupported);
