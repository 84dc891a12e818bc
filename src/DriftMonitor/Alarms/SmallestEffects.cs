namespace DriftMonitor.Alarms;

/// <summary>The least that is worth an alarm, whatever is certain: what an alarm must show beside its evidence.</summary>
/// <param name="KlNats">Of the KL divergence from the reference, less its noise floor: 0.001 is 20 % → 21.8 %, or 50 % → 52.2 %.</param>
/// <param name="CrossEntropyNats">Of the cross-entropy of labels, above its baseline.</param>
/// <param name="PolicyKlNats">Of the KL divergence between two policies, above its baseline.</param>
/// <param name="Accuracy">Of the accuracy by labels, below its baseline: 0.01 is a point.</param>
/// <param name="EntropyNats">Of the mean entropy of single outputs, above or below its baseline.</param>
public readonly record struct SmallestEffects(
    double KlNats, double CrossEntropyNats, double PolicyKlNats, double Accuracy, double EntropyNats = SmallestEffects.DefaultEntropyNats)
{
    private const double DefaultEntropyNats = 0.01;

    /// <summary>What holds where nothing is written.</summary>
    public static SmallestEffects Default { get; } = new(0.001, 0.02, 0.001, 0.01);

    /// <summary>That of a kind of alarms.</summary>
    public double Of(AlarmKind kind) => kind switch
    {
        AlarmKind.OutputDrift => KlNats,
        AlarmKind.CrossEntropy => CrossEntropyNats,
        AlarmKind.Accuracy => Accuracy,
        AlarmKind.Dispersion => EntropyNats,
        _ => PolicyKlNats,
    };
}
