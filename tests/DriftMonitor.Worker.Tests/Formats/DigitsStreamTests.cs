using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class DigitsStreamTests
{
    [Fact]
    public void DigitsStream_IsAcceptedWhole()
    {
        var models = new WatchedModels(maxModels: 1, maxSegmentsPerModel: 0, acceptUnknown: true);
        var decoder = new PredictionDecoder(models, new PredictionDecoderSettings());
        var record = new PredictionRecord();
        var lines = 0;
        JsonLines.Read(
            Path.Combine(SolutionDirectory(), "src", "DriftMonitor.Worker", "Commands", "Demo", "digits", "predictions.jsonl"),
            (line, number, _) =>
            {
                decoder.Decode(line, null, default, record);
                Assert.Equal(RejectionReason.None, record.Rejection);
                Assert.Equal(1767225600000 + (100 * number), record.PayloadTimeMs);
                lines++;
                if (number == 0)
                {
                    Assert.Equal(0.773479, record.Probabilities[5], 1e-6); // as printed, and divided by a sum of 1 ± 10⁻⁶
                }
            });

        Assert.Equal(12_000, lines);
        Assert.Equal("digits-lr", record.Model.Name);
        Assert.Equal(ClassSpace.Indexed(10), record.Model.Classes!.Space);
    }

    private static string SolutionDirectory()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(directory.FullName, "DriftMonitor.sln")))
        {
            directory = directory.Parent ?? throw new DirectoryNotFoundException("no DriftMonitor.sln above the tests");
        }

        return directory.FullName;
    }
}
