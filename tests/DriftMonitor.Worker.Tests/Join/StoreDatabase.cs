using System.Runtime.CompilerServices;
using DriftMonitor.Worker.Join;
using RocksDbSharp;

namespace DriftMonitor.Worker.Tests.Join;

/// <summary>The database of a store, for tests to look into.</summary>
internal static class StoreDatabase
{
    public static RocksDb Database(this RocksDbFeedbackStore store) => Field(store);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_db")]
    private static extern ref RocksDb Field(RocksDbFeedbackStore store);
}
