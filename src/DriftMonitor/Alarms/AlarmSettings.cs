namespace DriftMonitor.Alarms;

/// <summary>When models are worth an alarm: checked, immutable.</summary>
/// <param name="General">For models without settings of their own.</param>
/// <param name="ByModel">For those that have, whole.</param>
public sealed record AlarmSettings(ConfiguredThresholds General, ImmutableSortedDictionary<string, ConfiguredThresholds> ByModel)
{
    /// <summary>How long a model may have no event, unless its reference had none for longer.</summary>
    public TimeSpan SilentAfter { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Whether a model has a budget for drift.</summary>
    public bool CalibratesDrift(string model) => Of(model).Kl.HasBudget;

    /// <summary>The models that are watched pane by pane by any of these settings.</summary>
    public static ModelSet WatchedBy(IReadOnlyCollection<AlarmSettings> settings)
    {
        var others = settings.Any(setting => setting.General.WatchesPanes);
        return new ModelSet(
            [
                .. settings.SelectMany(setting => setting.ByModel.Keys).Where(
                    model => settings.Any(setting => setting.Of(model).WatchesPanes) != others)],
            others);
    }

    /// <summary>The segments that are compared with the rest of their model's live traffic.</summary>
    public ComparedSegments Compared => new(
        General.ComparedWithRest,
        ByModel.ToImmutableSortedDictionary(model => model.Key, model => model.Value.ComparedWithRest, StringComparer.Ordinal));

    /// <summary>What holds for a model.</summary>
    public ConfiguredThresholds Of(string model) => ByModel.GetValueOrDefault(model, General);

    /// <summary>A line for each measure that has a fixed threshold for one severity and a budget for the other.</summary>
    public IEnumerable<string> Mixed() =>
        from model in ByModel.Prepend(KeyValuePair.Create("all models", General))
        from measure in new[]
        {
            ("KL divergence", model.Value.Kl, General.Kl),
            ("cross-entropy", model.Value.CrossEntropy, General.CrossEntropy),
            ("policy KL", model.Value.PolicyKl, General.PolicyKl),
        }
        let thresholds = measure.Item2
        where thresholds.AreMixed && (ReferenceEquals(model.Value, General) || thresholds != measure.Item3) // what it shares has been told
        select $"{model.Key}: {measure.Item1} has {thresholds.Text(AlarmSeverity.Warning)} for warnings and "
            + $"{thresholds.Text(AlarmSeverity.Critical)} for critical alarms: either may be the higher";
}
