using System.Text.Json;
using DriftMonitor.Divergence;

namespace DriftMonitor.Tests.Divergence;

/// <summary>The measures on a real classifier's windows, against values that scipy computed from the same events.</summary>
public sealed class DigitsTests
{
    private const double Tolerance = 1e-12;

    private static readonly string Folder = Path.Combine(Root(), "src", "DriftMonitor.Worker", "Commands", "Demo", "digits");
    private static readonly JsonElement Expected = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "expected.json"))).RootElement;
    private static readonly double[] Reference = Doubles(Expected, "reference");

    public static TheoryData<int> Windows => [.. Enumerable.Range(0, Expected.GetProperty("windows").GetArrayLength())];

    [Theory, MemberData(nameof(Windows))]
    public void Measures_AreThoseOfScipy(int index)
    {
        JsonElement window = Expected.GetProperty("windows")[index];
        double[] live = Doubles(window, "live");

        Assert.Equal(Double(window, "kl_live_reference"), KullbackLeibler.Divergence(live, Reference), Tolerance);
        Assert.Equal(Double(window, "kl_reference_live"), KullbackLeibler.Divergence(Reference, live), Tolerance);
        Assert.Equal(Double(window, "js"), JensenShannon.Divergence(live, Reference), Tolerance);
        Assert.Equal(Double(window, "psi"), PopulationStability.Index(live, Reference), Tolerance);
        Assert.Equal(Double(window, "entropy_live"), Entropy.Of(live), Tolerance);
        Assert.Equal(Double(window, "entropy_reference"), Entropy.Of(Reference), Tolerance);
        Assert.Equal(Double(window, "cross_entropy_live_reference"), CrossEntropy.Between(live, Reference), Tolerance);
    }

    [Fact]
    public void NoiseFloor_IsThatOfNumpy()
    {
        double[][] events =
        [
            .. File.ReadLines(Path.Combine(Folder, "reference.jsonl"))
                .Select(line => SimplexPoints.Normalise(Doubles(JsonDocument.Parse(line).RootElement, "probs"))),
        ];
        double[] mean = Mean(events);
        double[] variance = Mean([.. events.Select(p => p.Zip(mean, (p, mean) => (p - mean) * (p - mean)).ToArray())]);

        Assert.All(Expected.GetProperty("windows").EnumerateArray(), window => Assert.Equal(
            Double(window, "noise_floor"),
            NoiseFloor.Coefficient(mean, variance) * ((1 / Double(window, "count")) + (1 / Double(Expected, "reference_count"))),
            Tolerance));
        Assert.All(Expected.GetProperty("windows").EnumerateArray(), window => Assert.Equal(
            1,
            NoiseFloor.Of(mean, variance, Double(window, "count"), Double(Expected, "reference_count"), 0) / Double(window, "noise_floor"),
            0.01));
    }

    private static double[] Mean(double[][] events) =>
        [.. Enumerable.Range(0, events[0].Length).Select(k => events.Average(p => p[k]))];

    private static double Double(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static double[] Doubles(JsonElement element, string name) =>
        [.. element.GetProperty(name).EnumerateArray().Select(value => value.GetDouble())];

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "DriftMonitor.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new DirectoryNotFoundException("No folder above the tests has DriftMonitor.sln.");
    }
}
