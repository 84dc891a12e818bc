using System.Runtime.CompilerServices;

namespace DriftMonitor.Worker.Tests;

/// <summary>What is settled before the first test.</summary>
internal static class StartUp
{
    /// <summary>
    /// The many programs that tests start live for seconds. The runtime would spend a third of them on preparing to be fast and on guarding
    /// its code against being written to, promtool as much on collecting garbage in as many threads as it finds cores; neither is what is
    /// tested.
    /// </summary>
    [ModuleInitializer]
#pragma warning disable CA2255 // the rule is for libraries
    internal static void StartProgramsCheaply()
#pragma warning restore CA2255
    {
        Environment.SetEnvironmentVariable("DOTNET_TieredPGO", "0");
        Environment.SetEnvironmentVariable("DOTNET_EnableWriteXorExecute", "0");
        Environment.SetEnvironmentVariable("GOMAXPROCS", "1");
        Environment.SetEnvironmentVariable("GOGC", "400");
    }
}
