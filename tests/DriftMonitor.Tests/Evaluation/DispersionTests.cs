using CsCheck;
using DriftMonitor.Evaluation;
using DriftMonitor.Model;
using DriftMonitor.References;
using DriftMonitor.Sums;

namespace DriftMonitor.Tests.Evaluation;

/// <summary>How sure single outputs are, by their definition.</summary>
public sealed class DispersionTests
{
    [Fact]
    public void Entropy_of_an_output_is_the_sum_of_minus_p_ln_p() => Gen.Double[0, 1].Array[2, 300].Sample(weights =>
    {
        weights[0] += 0.1;
        var total = weights.Sum();
        var record = Given.Prediction(
            Given.Model(), Given.Classes(weights.Length), 0, 0, probabilities: [.. weights.Select(weight => weight / total)]);
        var entropy = weights.Select(weight => weight / total).Where(p => p > 0).Sum(p => -p * Math.Log(p));
        return Math.Abs(record.EntropyNats - entropy) < 1e-9;
    });

    [Fact]
    public void Entropy_of_few_cells_is_that_of_all()
    {
        var record = new PredictionRecord();
        record.BeginFew(Given.Model(), Given.Classes(2_000));
        record.AddTo(7, 0.75);
        record.AddTo(1_999, 0.25);
        Assert.Equal(-((0.75 * Math.Log(0.75)) + (0.25 * Math.Log(0.25))), record.EntropyNats, 1e-12);
        record.BeginFew(Given.Model(), Given.Classes(2_000));
        record.AddTo(7, 1);
        Assert.Equal(0, record.EntropyNats);
    }

    /// <summary>Outputs of (½, ½) and (1, 0) by turns: entropies of ln 2 and 0, a mean of ½ ln 2 and a variance of ¼ ln² 2.</summary>
    [Fact]
    public void Live_and_reference_and_what_they_differ_by_with_no_change()
    {
        var (model, classes) = (Given.Model(), Given.Classes(2));
        var builder = new ReferenceBuilder("m", classes.Space);
        var live = new PaneSums(classes.Space.CellCount);
        for (var i = 0; i < 200; i++)
        {
            var record = Given.Prediction(model, classes, i, i, null, null, i % 2 == 0 ? [0.5, 0.5] : [1, 0]);
            builder.Add(record);
            if (i is < 50 and var early && early % 2 == 0)
            {
                live.Add(record);
            }
        }

        var reference = builder.Build(1, DateTimeOffset.UnixEpoch);
        var found = Dispersion.Of(live.Entropy, reference.Entropies, choices: 1);
        Assert.Equal(25, found.Events);
        Assert.Equal(Math.Log(2), found.LiveNats!.Value, 1e-9);
        Assert.Equal(Math.Log(2) / 2, found.ReferenceNats!.Value, 1e-9);
        Assert.Equal(Math.Log(2) / 2, found.ShiftNats!.Value, 1e-9);
        Assert.Equal(
            Math.Sqrt(2 / Math.PI) * Math.Log(2) / 2 * Math.Sqrt((1.0 / 25) + (1.0 / 200)), found.NoiseFloorNats!.Value, 1e-9);
    }

    /// <summary>Labels and scores are always sure: nothing is watched, and no budget is divided for it.</summary>
    [Fact]
    public void A_reference_of_sure_outputs_has_none()
    {
        var builder = new ReferenceBuilder("m", Given.Classes(2).Space);
        builder.Add(Given.Prediction(Given.Model(), Given.Classes(2), 0, 0, null, null, 1, 0));
        var reference = builder.Build(1, DateTimeOffset.UnixEpoch);
        Assert.Null(reference.Entropies);
        Assert.Equal(new Dispersion(0, null, null, null), Dispersion.Of(default, reference.Entropies, choices: 1));
    }
}
