using System.Globalization;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>How much is fuzzed, by environment variables: little with every test run.</summary>
internal static class Fuzzing
{
    private const long InputsByDefault = 5_000;

    public static int Seed { get; } = int.Parse(
        Environment.GetEnvironmentVariable("DRIFTMONITOR_FUZZ_SEED") ?? "1", CultureInfo.InvariantCulture);

    public static long Inputs { get; } = Environment.GetEnvironmentVariable("DRIFTMONITOR_FUZZ_INPUTS") is { } inputs
        ? long.Parse(inputs, CultureInfo.InvariantCulture)
        : InputsByDefault;
}
