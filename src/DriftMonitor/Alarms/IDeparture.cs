namespace DriftMonitor.Alarms;

/// <summary>How sums of events tell a drift from what is expected: all that <see cref="AlarmRule"/> knows of a measure.</summary>
/// <remarks>Sums are cells of numbers that add up pane by pane. Evidence is in nats, n times a divergence. Thread-safe.</remarks>
internal interface IDeparture
{
    /// <summary>How many events they are of.</summary>
    double Events(ReadOnlySpan<double> sums);

    /// <summary>How far they are from what is expected: nats an event, of live events against the reference.</summary>
    double Nats(ReadOnlySpan<double> sums);

    /// <summary>How large the drift is, less what chance shows, in the unit of the measure.</summary>
    double Effect(ReadOnlySpan<double> sums);

    /// <summary>By how many nats a pane is likelier as expected than as what was reported; below 0 if it is less likely.</summary>
    double Repair(ReadOnlySpan<double> pane, ReadOnlySpan<double> reported);

    /// <summary>
    /// Whether sums are no more than chance away from what was reported, or from a part of it: the same way, not further.
    /// </summary>
    /// <param name="reported">What was reported.</param>
    /// <param name="sums">What is asked about.</param>
    /// <param name="evidenceNats">What chance brings, as of <see cref="AlarmRule"/>.</param>
    bool Explains(ReadOnlySpan<double> reported, ReadOnlySpan<double> sums, double evidenceNats);

    /// <summary>The divergence, nats an event, that a threshold of the measure stands for.</summary>
    double NatsOfThreshold(double threshold);

    /// <summary>The same of what is expected and so large an effect.</summary>
    double NatsOfEffect(double effect);

    /// <summary>The evidence, nats, that a divergence of so many live events is worth: divided by 1/n + 1/m.</summary>
    double EvidenceOf(double events, double nats);
}
