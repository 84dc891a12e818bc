using DriftMonitor.Worker.Views;

namespace DriftMonitor.Worker.Pages.Phrases;

/// <summary>What is alarmed about, in the words of a headline.</summary>
internal static class AlarmTerms
{
    public static string Kind(AlarmItem alarm) => alarm switch
    {
        { Kind: AlarmKind.Dispersion, First.Measure: Measure.EntropyFall } => "its outputs are surer than they were",
        { Kind: AlarmKind.Dispersion, First.Measure: Measure.EntropyRise } => "its outputs are less sure than they were",
        _ => Kind(alarm.Kind),
    };

    private static string Kind(AlarmKind kind) => kind switch
    {
        AlarmKind.OutputDrift => "its predictions have shifted",
        AlarmKind.CrossEntropy => "its predictions cost more",
        AlarmKind.Accuracy => "its predictions are wrong more often",
        AlarmKind.PolicyKl => "its policy has drifted",
        AlarmKind.Dispersion => "its outputs are surer or less sure than they were",
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, null),
    };

    /// <summary>The class of the colour of a severity; paler once it is over.</summary>
    public static string ClassOf(AlarmSeverity severity, bool isOver) => SnakeCaseName.Of(severity) + (isOver ? " over" : "");

    /// <summary>The class of a table's row that is above the threshold of a severity; null for one that is not.</summary>
    public static string? RowClassOf(AlarmSeverity? above) => above is { } severity ? $"above {ClassOf(severity, isOver: false)}" : null;

    /// <summary>The shape that stands beside the word of a severity.</summary>
    public static string Mark(AlarmSeverity severity) => severity == AlarmSeverity.Critical ? "▲" : "●";

    public static string NameOf(Measure measure) => measure switch
    {
        Measure.KlLiveVsReference => "divergence of live from reference",
        Measure.KlReferenceVsLive => "divergence of reference from live",
        Measure.CusumLiveVsReference => "accumulated drift (CUSUM)",
        Measure.EntropyFall => "fall of the mean entropy",
        Measure.EntropyRise => "rise of the mean entropy",
        Measure.ErrorRatioLabelTime or Measure.ErrorRatioPredictionTime => "share of wrong predictions",
        Measure.CrossEntropyLabelTime or Measure.CrossEntropyPredictionTime => "cost of a label (cross-entropy)",
        _ => $"policy divergence ({SnakeCaseName.InWords(measure)})",
    };

    /// <summary>Words from elsewhere as a sentence of a page: on one line, with a capital at its beginning.</summary>
    public static string Sentence(string words)
    {
        var text = DisplayText.Of(words);
        return text.Length == 0 ? text : $"{char.ToUpperInvariant(text[0])}{text[1..]}";
    }

    /// <summary>A value with its unit.</summary>
    public static string Value(Measure measure, double? value) =>
        Measures.TextOf(measure, value) + (Measures.IsRatio(measure) || value is null ? "" : " nats");

    /// <summary>A number of nats with its unit.</summary>
    public static string Nats(double? value) => NumberText.Nats(value) + (value is null ? "" : " nats");

    /// <summary>How far an alarm went, and over which window: over one of several, where several have been above.</summary>
    public static string Worst(AlarmItem alarm)
    {
        string[] windows = alarm.Windows.IsDefaultOrEmpty ? [alarm.First.Window] : [.. alarm.Windows.Distinct(StringComparer.Ordinal)];
        var over = windows.Length == 1 ? windows[0] : $"{string.Join(", ", windows[..^1])} or {windows[^1]}";
        return $"at its worst {CountText.Times(alarm.PeakRatio, 1)} the threshold of {over}";
    }

    public static string Segment(string segment) => segment == SeriesKey.All ? "all traffic" : DisplayText.Of(segment);

    public static string Pace(DriftPace pace, string window) => pace switch
    {
        DriftPace.Sudden => $"sudden: most of it came within {OneAndAHalf(window)}",
        DriftPace.Gradual => $"gradual: it took longer than {OneAndAHalf(window)}",
        DriftPace.None => "not far from its reference",
        _ => "sudden or gradual is not known yet",
    };

    /// <summary>What a window and the one before it can tell apart.</summary>
    private static string OneAndAHalf(string window) =>
        DurationText.TryParse(window, out var lengthMs) ? SpanText.Of(lengthMs * 3 / 2) : $"1.5 × {window}";

    /// <summary>Whether the drift came suddenly, by the window that explains the alarm, else by the shortest that knows.</summary>
    public static string Pace(ExplainedAlarm explanation)
    {
        var known = explanation.Windows
            .Where(window => window is { Ready: true, Pace: DriftPace.Sudden or DriftPace.Gradual })
            .OrderBy(window => window.Window == explanation.Now?.Window ? 0 : 1)
            .FirstOrDefault();
        return Pace(known?.Pace ?? DriftPace.Unknown, known?.Window ?? "");
    }

    /// <summary>The runbook that the monitor brings for such an alarm.</summary>
    public static string Runbook(AlarmItem alarm) => $"Model{alarm.Kind}{alarm.PagesAs}";

    /// <summary>Whether labels confirm an alarm: a word, and why.</summary>
    public static (string Word, string Why) Verdict(LabelVerdict verdict) => verdict switch
    {
        LabelVerdict.NoLabels => ("not yet", "no label has come"),
        LabelVerdict.TooFewLabels => ("not yet", "too few labels have come"),
        LabelVerdict.NoThreshold => ("unknown", "labels have no threshold to be compared with"),
        LabelVerdict.NotConfirmed => ("no", "labels cost no more than they may"),
        LabelVerdict.Confirmed => ("yes", "predictions got worse"),
        _ => throw new ArgumentOutOfRangeException(nameof(verdict), verdict, null),
    };

    public static string CountedBy(Attribution attribution) =>
        attribution == Attribution.LabelTime ? "when the label came" : "when the prediction was made";
}
