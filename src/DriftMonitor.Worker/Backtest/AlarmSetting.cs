using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;

namespace DriftMonitor.Worker.Backtest;

/// <summary>One way to set the alarms of KL divergence, to be tried on what was recorded: a budget or a fixed threshold for each severity.</summary>
/// <param name="Name">As the user wrote it.</param>
/// <param name="Budgets">How often each severity's alarm may be false, of a whole model; empty for fixed thresholds.</param>
/// <param name="ThresholdsNats">The fixed threshold of each severity; empty for budgets.</param>
internal sealed record AlarmSetting(
    string Name, ImmutableSortedDictionary<AlarmSeverity, FalseAlarmBudget> Budgets, ImmutableSortedDictionary<AlarmSeverity, double> ThresholdsNats)
{
    /// <summary>Reads <c>critical: 1 per 30d, warning: 1 per 7d</c>; a severity that is left out has no alarm.</summary>
    public static bool TryParseBudget(string text, [NotNullWhen(true)] out AlarmSetting? setting, [NotNullWhen(false)] out string? problem)
    {
        var parsed = TryParse<FalseAlarmBudget>(text, FalseAlarmBudget.TryParse, out var budgets, out problem);
        if (parsed && budgets.Count == 2 && budgets[AlarmSeverity.Warning].PerMs < budgets[AlarmSeverity.Critical].PerMs)
        {
            (parsed, problem) = (false, "a warning may not be rarer than a critical alarm");
        }

        setting = parsed ? new AlarmSetting(text.Trim(), budgets, ImmutableSortedDictionary<AlarmSeverity, double>.Empty) : null;
        return parsed;
    }

    /// <summary>Reads <c>critical: 0.125, warning: 0.05</c>, in nats; a severity that is left out has no alarm.</summary>
    public static bool TryParseThreshold(string text, [NotNullWhen(true)] out AlarmSetting? setting, [NotNullWhen(false)] out string? problem)
    {
        var parsed = TryParse<double>(text, TryParseNats, out var thresholds, out problem);
        if (parsed && thresholds.Count == 2 && thresholds[AlarmSeverity.Warning] > thresholds[AlarmSeverity.Critical])
        {
            (parsed, problem) = (false, "a warning's threshold may not be above the critical one");
        }

        setting = parsed ? new AlarmSetting(text.Trim(), ImmutableSortedDictionary<AlarmSeverity, FalseAlarmBudget>.Empty, thresholds) : null;
        return parsed;
    }

    private delegate bool ValueParser<T>(string text, out T value, [NotNullWhen(false)] out string? problem);

    private static bool TryParse<T>(
        string text, ValueParser<T> parse, out ImmutableSortedDictionary<AlarmSeverity, T> values, [NotNullWhen(false)] out string? problem)
    {
        values = ImmutableSortedDictionary<AlarmSeverity, T>.Empty;
        problem = null;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var colon = part.IndexOf(':', StringComparison.Ordinal);
            AlarmSeverity? severity = (colon < 0 ? "" : part[..colon].TrimEnd()) switch
            {
                "critical" => AlarmSeverity.Critical,
                "warning" => AlarmSeverity.Warning,
                _ => null,
            };
            if (severity is not { } known || values.ContainsKey(known))
            {
                problem = $"'{part}' is not critical: or warning: and a value, each severity at most once";
                return false;
            }

            if (!parse(part[(colon + 1)..].Trim(), out var value, out problem))
            {
                return false;
            }

            values = values.Add(known, value);
        }

        return true;
    }

    private static bool TryParseNats(string text, out double nats, [NotNullWhen(false)] out string? problem)
    {
        problem = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out nats) && nats > 0 && double.IsFinite(nats)
            ? null
            : $"'{text}': must be a number of nats above 0";
        return problem is null;
    }
}
