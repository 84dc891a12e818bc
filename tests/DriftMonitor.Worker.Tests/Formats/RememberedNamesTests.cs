using System.Globalization;

namespace DriftMonitor.Worker.Tests.Formats;

[Collection(nameof(RunsAlone))] // it looks at all memory of the process
public sealed class RememberedNamesTests
{
    /// <summary>Strangers can make no memory grow with names, and what was mapped before is mapped again.</summary>
    [Fact]
    public void What_is_remembered_of_names_is_bounded()
    {
        var decoding = Decoding.Mapped(("fraud", "fraud-(?<version>.+)"));
        decoding.Cells("""{"model":"fraud-1","probs":{"a":1,"b":0}}""");
        var before = MemoryAfter(0, 2_000);
        Assert.InRange(MemoryAfter(2_000, 100_000) - before, long.MinValue, 1_000_000);
        decoding.Cells("""{"model":"fraud-1","probs":{"a":1,"b":0}}""");
        Assert.Equal(("fraud", "version=1"), (decoding.Record.Model.Name, decoding.Record.Version?.Name));

        long MemoryAfter(int from, int count)
        {
            for (var i = from; i < from + count; i++)
            {
                decoding.Decode(string.Create(CultureInfo.InvariantCulture, $$"""{"model":"stranger {{i}}","probs":{"a":1,"b":0} }"""));
            }

            return GC.GetTotalMemory(forceFullCollection: true);
        }
    }
}
