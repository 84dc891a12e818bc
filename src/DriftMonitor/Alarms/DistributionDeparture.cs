namespace DriftMonitor.Alarms;

/// <summary>
/// The departure of outputs from the distribution of their reference, by KL(live‖reference). Cells are those of the classes.
/// </summary>
/// <param name="reference">q̃, smoothed, every cell above 0; not to be changed.</param>
/// <param name="referenceEvents">m.</param>
/// <param name="pseudoEvents">ε ≥ 0, of live windows.</param>
/// <param name="noiseFloor">What KL shows with no drift over so many live events.</param>
/// <param name="choices">How many choices an output makes: nats are the sum over them.</param>
internal sealed class DistributionDeparture(
    double[] reference, double referenceEvents, double pseudoEvents, Func<double, double> noiseFloor, int choices = 1) : IDeparture
{
    private const double PseudoEventsOfReports = 10; // a class unseen in a short drift is not impossible
    private const int Parts = 9;

    public double Events(ReadOnlySpan<double> sums) => TensorPrimitives.Sum(sums);

    public double Nats(ReadOnlySpan<double> sums)
    {
        var (events, nats) = (Events(sums), 0.0);
        for (var k = 0; k < sums.Length; k++)
        {
            var share = (sums[k] + (pseudoEvents * reference[k])) / (events + pseudoEvents);
            nats += share > 0 ? share * Math.Log(share / reference[k]) : 0;
        }

        return choices * nats;
    }

    public double Effect(ReadOnlySpan<double> sums) => Events(sums) is > 0 and var events ? Nats(sums) - noiseFloor(events) : 0;

    public double Repair(ReadOnlySpan<double> pane, ReadOnlySpan<double> reported)
    {
        var (events, nats) = (Events(reported), 0.0);
        for (var k = 0; k < pane.Length; k++)
        {
            nats += pane[k] > 0 ? pane[k] * Math.Log(reference[k] / Share(reported[k], events, k)) : 0;
        }

        return choices * nats;
    }

    public bool Explains(ReadOnlySpan<double> reported, ReadOnlySpan<double> sums, double evidenceNats)
    {
        var (events, reportedEvents) = (Events(sums), Events(reported));
        var most = evidenceNats * ((1 / events) + (1 / reportedEvents));
        for (var part = 0; part < Parts; part++)
        {
            var (size, nats) = (Math.Pow(2, -part / 2.0), 0.0);
            for (var k = 0; k < sums.Length; k++)
            {
                var expected = reference[k] + (size * (Share(reported[k], reportedEvents, k) - reference[k]));
                var share = (sums[k] + (pseudoEvents * expected)) / (events + pseudoEvents);
                nats += share > 0 ? share * Math.Log(share / expected) : 0;
            }

            if (choices * nats <= most)
            {
                return true;
            }
        }

        return false;
    }

    public double NatsOfThreshold(double threshold) => threshold;

    public double NatsOfEffect(double effect) => effect;

    public double EvidenceOf(double events, double nats) => nats / ((1 / events) + (1 / referenceEvents));

    private double Share(double sum, double events, int k) =>
        (sum + (PseudoEventsOfReports * reference[k])) / (events + PseudoEventsOfReports);
}
