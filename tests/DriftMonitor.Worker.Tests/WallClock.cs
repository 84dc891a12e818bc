namespace DriftMonitor.Worker.Tests;

/// <summary>The time that child processes live in, which no test can move.</summary>
internal static class WallClock
{
#pragma warning disable RS0030 // the worker is a process of its own here: its windows follow the machine's clock
    private static readonly TimeProvider Clock = TimeProvider.System;
#pragma warning restore RS0030

    public static long NowMs => Clock.GetUtcNow().ToUnixTimeMilliseconds();
}
