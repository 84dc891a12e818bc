using DriftMonitor.Worker.Tests;
using DriftMonitor.Worker.Tests.Broker;
using DriftMonitor.Worker.Tests.Configuration;
using DriftMonitor.Worker.Tests.CrashProof;
using DriftMonitor.Worker.Tests.EndToEnd;
using DriftMonitor.Worker.Tests.Http;
using DriftMonitor.Worker.Tests.Kafka;
using DriftMonitor.Worker.Tests.Watching;
using Xunit.Sdk;
using Xunit.v3;

[assembly: TestCollectionOrderer(typeof(LongestFirst))]

namespace DriftMonitor.Worker.Tests;

/// <summary>Begins with what takes longest, most of it to wait, so that the end does not wait for one of them and what computes comes last.</summary>
public sealed class LongestFirst : ITestCollectionOrderer
{
    private static readonly string[] Long =
    [
        "CrashProof", nameof(MutationTests), nameof(SecretsTests), nameof(LostRecordsTests), nameof(SlowReaderTests), nameof(ReplicasOnDefaultBrokerTests),
        nameof(GroupMembershipTests), nameof(LeavingTests), nameof(WatchedModelTests), nameof(EmbeddedBrokerTests), nameof(GracefulStopTests),
    ];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(collection =>
        {
            var place = Array.FindIndex(Long, name => collection.TestCollectionDisplayName == name || collection.TestCollectionDisplayName.Contains($".{name} ", StringComparison.Ordinal));
            return place < 0 ? Long.Length : place;
        })];
}
