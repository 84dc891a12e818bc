namespace DriftMonitor.Worker.Tests.Planted.Two;

internal sealed record There(One.Here? Here);
