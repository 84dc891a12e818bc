namespace DriftMonitor.Worker.Pages.Phrases;

/// <summary>A model's state, for somebody who has not read the manual.</summary>
/// <param name="Mark">A shape that stands for it, beside its word.</param>
/// <param name="Word">What it is called.</param>
/// <param name="Meaning">What it means, one sentence.</param>
/// <param name="WhatToDo">What ends it; null where nothing has to be done.</param>
/// <param name="Runbook">Where more is said; null where nothing has to be done.</param>
internal sealed record StateText(string Mark, string Word, string Meaning, string? WhatToDo, string? Runbook)
{
    private const string Unguarded = "ModelUnguarded";

    public static StateText Of(ModelState state) => state switch
    {
        ModelState.Guarded => new(
            "✓", "guarded", "A complete window is compared with a threshold, so a drift raises an alarm.", null, null),
        ModelState.Filling => new(
            "◔", "filling", "No window is complete yet. It becomes guarded by itself once one is.", null, null),
        ModelState.TooFewEvents => new(
            "○", "too few events", "Windows are complete, and none has the events that it needs, so a drift raises no alarm.",
            "Give it a longer window (Windows:Spans), or wait until it has more traffic.", Unguarded),
        ModelState.NoReference => new(
            "○", "no reference", "Nothing says what is normal for it: no reference is in use, or only one with other classes.",
            "Promote a reference from live traffic of a time that was right.", Unguarded),
        ModelState.NoThreshold => new(
            "○", "no threshold", "Neither a budget nor a fixed threshold watches what it puts out.",
            "Let the default budgets hold, or set Alarms:KlCriticalNats.", Unguarded),
        ModelState.Uncalibrated => new(
            "◔", "uncalibrated",
            "Thresholds of its budget are still being worked out, or its reference has too little for them, and no fixed one watches it.",
            "Wait a few minutes; if it stays, build a larger reference or set a fixed threshold.", Unguarded),
        ModelState.Rejected => new(
            "✕", "rejected", "More than half of its latest records could not be read, so what is counted is not what it puts out.",
            "See what was rejected, and mend the producer or the source's settings.", Unguarded),
        ModelState.Silent => new(
            "✕", "silent", "It has had no event for longer than it may.",
            "Find out whether the model is still called, and whether its predictions reach the topic.", "ModelSilent"),
        ModelState.Retired => new(
            "–", "retired", "It has left: its longest window is empty, so it is no longer watched.", null, null),
        _ => throw new ArgumentOutOfRangeException(nameof(state), state, null),
    };

    /// <summary>Whether somebody has to do something before a drift of a model in this state is noticed.</summary>
    public static bool NeedsSomebody(ModelState state) => state is not (ModelState.Guarded or ModelState.Filling or ModelState.Retired);

    /// <summary>The class of its colour.</summary>
    public static string ClassOf(ModelState state) => state switch
    {
        ModelState.Guarded => "good",
        ModelState.Filling or ModelState.Retired => "quiet",
        _ => "open",
    };
}
