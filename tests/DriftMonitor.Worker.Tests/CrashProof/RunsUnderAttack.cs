namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// Replicas that are killed, against sessions of two seconds: after all else and by themselves. Beside other tests a takeover finds no core
/// in time on a slow machine, and what one group decided by the data that it had, another decides by others.
/// </summary>
[CollectionDefinition(nameof(CrashProof), DisableParallelization = true)]
public sealed class RunsUnderAttack;
