using System.Diagnostics.CodeAnalysis;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;

namespace DriftMonitor.Recorded;

/// <summary>One way to set the alarms, to be tried on what was recorded.</summary>
/// <param name="Name">As the user wrote it.</param>
/// <param name="Kl">Of the KL divergence from the reference. A severity without threshold and budget has no alarm.</param>
public sealed record BacktestSetting(string Name, Thresholds Kl)
{
    /// <summary>What the service has, of which the smallest effects and comparisons hold here, too; null for the defaults.</summary>
    public AlarmSettings? Service { get; init; }

    /// <summary>
    /// The segments that are compared with the rest of their model's live traffic; what the service has if there are none.
    /// </summary>
    public ImmutableArray<string> ComparedWithRest { get; init; } = [];

    /// <summary>As in the service, for every model: budgets for all that a reference calibrates, fixed thresholds for divergence.</summary>
    public AlarmSettings Alarms => new(
        Of(Service?.General),
        (Service?.ByModel ?? ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty).ToImmutableSortedDictionary(
            model => model.Key, model => Of(model.Value), StringComparer.Ordinal));

    private ConfiguredThresholds Of(ConfiguredThresholds? service) =>
        new(Kl, OfOthers, OfOthers)
        {
            SmallestEffect = service?.SmallestEffect ?? SmallestEffects.Default,
            ComparedWithRest = ComparedWithRest.IsEmpty ? service?.ComparedWithRest ?? [] : ComparedWithRest,
        };

    private Thresholds OfOthers => Kl with { WarningNats = null, CriticalNats = null };

    /// <summary>Reads <c>critical: 1 per 30d, warning: 1 per 7d</c>; a severity that is left out has no alarm.</summary>
    public static bool TryParseBudget(
        string text, [NotNullWhen(true)] out BacktestSetting? setting, [NotNullWhen(false)] out string? problem)
    {
        if (TryParse<FalseAlarmBudget>(text, FalseAlarmBudget.TryParse, "1 per 30d", out var warning, out var critical, out problem)
            && warning?.PerMs < critical?.PerMs)
        {
            problem = "a warning may not be rarer than a critical alarm";
        }

        setting = problem is null ? new BacktestSetting(text.Trim(), new Thresholds(null, null, warning, critical)) : null;
        return setting is not null;
    }

    /// <summary>Reads <c>critical: 0.125, warning: 0.05</c>, in nats; a severity that is left out has no alarm.</summary>
    public static bool TryParseThreshold(
        string text, [NotNullWhen(true)] out BacktestSetting? setting, [NotNullWhen(false)] out string? problem)
    {
        if (TryParse<double>(text, TryParseNats, "0.125", out var warning, out var critical, out problem) && warning > critical)
        {
            problem = "a warning's threshold may not be above the critical one";
        }

        setting = problem is null ? new BacktestSetting(text.Trim(), new Thresholds(warning, critical)) : null;
        return setting is not null;
    }

    private delegate bool ValueParser<T>(string text, out T value, [NotNullWhen(false)] out string? problem);

    private static bool TryParse<T>(
        string text, ValueParser<T> parse, string example, out T? warning, out T? critical, [NotNullWhen(false)] out string? problem)
        where T : struct
    {
        var values = new Dictionary<string, T>(StringComparer.Ordinal);
        (warning, critical, problem) = (null, null, null);
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var words = part.Split(':', 2, StringSplitOptions.TrimEntries);
            if (words is not ["warning" or "critical", _] || values.ContainsKey(words[0]))
            {
                problem = $"'{part}': must be 'critical:' or 'warning:' and a value, each severity once, such as 'critical: {example}'";
                return false;
            }

            if (!parse(words[1], out var value, out problem))
            {
                return false;
            }

            values[words[0]] = value;
        }

        warning = values.TryGetValue("warning", out var ofWarning) ? ofWarning : null;
        critical = values.TryGetValue("critical", out var ofCritical) ? ofCritical : null;
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
