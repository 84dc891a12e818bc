namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Crash runs start many processes, so they run one after the other, and not beside tests that expect something within seconds.</summary>
[CollectionDefinition(nameof(CrashProof), DisableParallelization = true)]
public sealed class RunsAlone;
