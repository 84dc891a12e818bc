namespace DriftMonitor.Worker.References;

/// <summary>A <see cref="ValueBaseline"/> as it stands in a file: of each block only the bins that hold anything, index → count.</summary>
internal sealed record BaselineJson(double[] BinMeans, BaselineJson.Block?[] Blocks)
{
    public static BaselineJson Of(ValueBaseline baseline) => new(
        [.. baseline.BinMeans],
        [
            .. baseline.Blocks.Select(
                block => new Block(
                    block.StartMs, block.Counts.Index().Where(bin => bin.Item != 0).ToDictionary(bin => bin.Index, bin => bin.Item)))]);

    /// <summary>The name that an estimate has in a file: <c>k1</c>, <c>exact_live_vs_reference</c>, ….</summary>
    public static string NameOf(PolicyEstimate estimate) => SnakeCaseName.Of(estimate);

    /// <exception cref="ArgumentException">No estimate has that name.</exception>
    public static PolicyEstimate EstimateOf(string name)
    {
        var estimates = Enum.GetValues<PolicyEstimate>().ToDictionary(NameOf, StringComparer.Ordinal);
        return estimates.TryGetValue(name, out var estimate) ? estimate
            : throw new ArgumentException($"policies: '{name}' is none of {string.Join(", ", estimates.Keys)}");
    }

    /// <param name="part">Where in the file it stands.</param>
    /// <exception cref="ArgumentException">It is no baseline: says where and why.</exception>
    public ValueBaseline ToBaseline(string part)
    {
        try
        {
            return new ValueBaseline(
                [.. BinMeans],
                [.. Blocks.Select(block => (block ?? throw new ArgumentException("a block is null")).ToBlock(BinMeans.Length))]);
        }
        catch (ArgumentException problem)
        {
            throw new ArgumentException($"{part}: {ErrorText.Of(problem)}");
        }
    }

    internal sealed record Block(long StartMs, Dictionary<int, long> Counts)
    {
        public ValueBlock ToBlock(int bins)
        {
            var counts = new long[bins];
            foreach (var (bin, count) in Counts)
            {
                if (bin < 0 || bin >= bins)
                {
                    throw new ArgumentException($"the block that starts at {StartMs} counts in bin {bin} of {bins}");
                }

                counts[bin] = count;
            }

            return new ValueBlock(StartMs, [.. counts]);
        }
    }
}
