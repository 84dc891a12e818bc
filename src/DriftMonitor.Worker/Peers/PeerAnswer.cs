using System.Net;

namespace DriftMonitor.Worker.Peers;

/// <summary>What a replica answered.</summary>
/// <param name="Value">The answer; null where there is none.</param>
/// <param name="Status">Its status; null where there was no answer.</param>
/// <param name="Problem">Why there is no answer; null where there is.</param>
internal sealed record PeerAnswer<T>(T? Value, HttpStatusCode? Status, string? Problem)
    where T : class;
