namespace DriftMonitor.Worker.Tests.Planted.One;

internal sealed record Here(Two.There? There);
