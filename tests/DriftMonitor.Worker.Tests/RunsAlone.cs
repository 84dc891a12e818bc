namespace DriftMonitor.Worker.Tests;

/// <summary>Tests that compare what two pieces of code cost: beside others, the one that is interrupted would look dear.</summary>
[CollectionDefinition(nameof(RunsAlone), DisableParallelization = true)]
public sealed class RunsAlone;
