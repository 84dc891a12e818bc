using System.Globalization;
using System.Text;
using DriftMonitor.Tests;
using DriftMonitor.Worker.Metrics;

namespace DriftMonitor.Worker.Tests.Metrics;

/// <summary>
/// The SDK drops what exceeds a metric's lifetime limit, 2,000 label sets unless it is told otherwise: nothing here may run into it.
/// </summary>
public sealed class ManySeriesTests
{
    [Fact]
    public async Task MoreThanTheLimitOfOneMetric_AllAppear()
    {
        await using var monitor = await ScrapedMonitor.Start();
        await monitor.Scrape();
        for (var model = 0; model < 300; model++)
        {
            monitor.Reports.Update(Reported.Of(Name(model), contributions: [.. Enumerable.Range(0, 10).Select(c => ($"c{c}", c + 1.0))]));
        }

        var scrape = await monitor.Scrape();

        Assert.Equal(300 * 11, scrape.Of("kl_contribution_nats").Length);
        Assert.Equal(300 * 2, scrape.Of("kl_divergence_nats").Length);
        AssertNothingTwice(scrape);
    }

    [Fact]
    public async Task ModelsThatComeAndGo_NeverCostASeries()
    {
        const int AtATime = 50, Step = 25;
        var distinct = Trials.Of(everyRun: 5_000, full: 10_000); // more than twice what one provider has room for
        await using var monitor = await ScrapedMonitor.Start();
        for (var first = 0; first + AtATime <= distinct; first += Step)
        {
            var end = first + AtATime;
            for (var model = first == 0 ? 0 : end - Step; model < end; model++)
            {
                monitor.Reports.Update(Reported.Of(Name(model), contributions: ("cat", model)));
            }

            var gone = first;
            monitor.Reports.Remove(model => Number(model) < gone);

            var scrape = await monitor.Scrape();

            var expected = Enumerable.Range(first, AtATime).Select(Name).Order(StringComparer.Ordinal);
            Assert.Equal(expected, scrape.Of("window_events").Select(ModelOf).Order(StringComparer.Ordinal));
            Assert.Equal(2 * AtATime, scrape.Of("kl_divergence_nats").Length);
            Assert.Equal(2 * AtATime, scrape.Of("kl_contribution_nats").Length);
            Assert.Equal(AtATime, scrape.Of("last_event_timestamp_seconds").Length);
        }

        Assert.InRange(monitor.Endpoint.Replacements, 2, 50);
    }

    [Fact]
    public async Task ClassesThatComeAndGo_NeverCostASeries()
    {
        await using var monitor = await ScrapedMonitor.Start();
        for (var step = 0; step < 300; step++)
        {
            monitor.Reports.Update(
                Reported.Of("m", contributions: [.. Enumerable.Range(0, 10).Select(c => ($"token{(step * 10) + c}", 1.0))]));

            var scrape = await monitor.Scrape();

            Assert.Equal(11, scrape.Of("kl_contribution_nats").Length);
            Assert.DoesNotContain("overflow", scrape.Body, StringComparison.Ordinal);
        }

        Assert.InRange(monitor.Endpoint.Replacements, 1, 20);
    }

    [Fact]
    public async Task PartitionsAndReferencesThatComeAndGo_NeverCostASeries()
    {
        await using var monitor = await ScrapedMonitor.Start("a");
        for (var step = 0; step < 300; step++)
        {
            monitor.Metrics.Service.Topic("a").UsePartitions(
                Enumerable.Range(step * 10, 10).Select(partition => new PartitionLag(partition, step)));
            monitor.References.Use(Reported.References([.. Enumerable.Range(step * 2, 2).Select(m => Reported.Reference(Name(m)))]));

            var scrape = await monitor.Scrape();

            Assert.Equal(10, scrape.Of("consumer_lag_records").Length);
            Assert.Equal(2, scrape.Of("reference_info").Length);
        }
    }

    [Fact]
    public async Task CountersAndHistogramsGoOn_WhenTheProviderIsReplaced()
    {
        await using var monitor = await ScrapedMonitor.Start("a");
        monitor.Metrics.Service.Topic("a").CountConsumed();
        monitor.Metrics.Windows.CountEvaluations(1, TimeSpan.FromSeconds(1));
        await monitor.Scrape();
        for (var model = 0; model < 3_000; model++)
        {
            monitor.Reports.Update(Reported.Without(Name(model)));
        }

        monitor.Metrics.Service.Topic("a").CountConsumed();
        monitor.Metrics.Windows.CountEvaluations(1, TimeSpan.FromSeconds(1));
        var scrape = await monitor.Scrape();

        Assert.Equal(1, monitor.Endpoint.Replacements);
        Assert.Equal(2, scrape.Value("""records_consumed_total{topic="a"}"""));
        Assert.Equal(2, scrape.Value("evaluation_duration_seconds_count{}"));
        Assert.Equal(3_000, scrape.Of("window_events").Length);
    }

    [Fact]
    public async Task SeriesMadeDuringAScrape_WaitForTheNext()
    {
        await using var monitor = await ScrapedMonitor.Start("a");
        monitor.Reports.Update(Reported.Of("before", contributions: ("cat", 1)));
        using var exporter = new SeriesExporter(monitor.Metrics.Instruments, monitor.Services);
        exporter.ShowWhatFits();
        for (var model = 0; model < 5_000; model++)
        {
            monitor.Reports.Update(Reported.Of(Name(model), contributions: ("cat", 1)));
        }

        using var body = new MemoryStream();
        await exporter.WriteTo(body, monitor.Services);
        var scrape = new Scrape(Encoding.UTF8.GetString(body.ToArray()));

        Assert.False(exporter.HasRoom);
        Assert.Single(scrape.Of("window_events"));
        Assert.Equal(2, scrape.Of("kl_contribution_nats").Length);
        Assert.DoesNotContain("overflow", scrape.Body, StringComparison.Ordinal);
        Assert.Equal(5_001, (await monitor.Scrape()).Of("window_events").Length);
    }

    [Fact]
    public async Task SteadySeries_NeedNoOtherProvider()
    {
        await using var monitor = await ScrapedMonitor.Start();
        for (var slide = 0; slide < 20; slide++)
        {
            for (var model = 0; model < 500; model++)
            {
                monitor.Reports.Update(Reported.Of(Name(model), contributions: [("cat", slide), ("dog", 1)]));
            }

            Assert.Equal(1_500, (await monitor.Scrape()).Of("kl_contribution_nats").Length);
        }

        Assert.Equal(0, monitor.Endpoint.Replacements);
    }

    [Fact]
    public async Task ScrapesAndUpdatesAtOnce_NeverShowASeriesTwice()
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var stop = new CancellationTokenSource();
        var updating = Task.Run(
            () =>
            {
                for (var model = 0; !stop.IsCancellationRequested; model++)
                {
                    monitor.Reports.Update(Reported.Of(Name(model), contributions: ("cat", model)));
                    monitor.Reports.Update(Reported.Of("steady", contributions: ($"c{model}", model)));
                    monitor.Reports.Update(Reported.Of(Name(model - 100), retired: true));
                }
            },
            TestContext.Current.CancellationToken);

        try
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(async _ =>
            {
                for (var i = 0; i < 50; i++)
                {
                    var scrape = await monitor.Scrape();
                    AssertNothingTwice(scrape);
                    Assert.DoesNotContain("overflow", scrape.Body, StringComparison.Ordinal);
                }
            }));
        }
        finally
        {
            await stop.CancelAsync();
            await updating;
        }
    }

    private static void AssertNothingTwice(Scrape scrape) =>
        Assert.Empty(
            scrape.Samples.GroupBy(line => line[..line.LastIndexOf(' ')], StringComparer.Ordinal)
                .Where(series => series.Count() > 1)
                .Select(series => series.Key));

    private static string Name(int model) => string.Create(CultureInfo.InvariantCulture, $"model-{model}");

    private static int Number(string model) => int.Parse(model.AsSpan("model-".Length), NumberStyles.None, CultureInfo.InvariantCulture);

    private static string ModelOf(string line) => line.Split('"')[1];
}
