using System.Collections.Immutable;
using System.Diagnostics.Metrics;
using DriftMonitor.Alarms;
using DriftMonitor.Calibration;
using DriftMonitor.References;
using DriftMonitor.Worker.Alarms;
using DriftMonitor.Worker.Metrics;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Alarms;

public sealed class CalibrationWorkerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    [Fact]
    public void What_waits_is_asked_for_once_whoever_asks()
    {
        var queue = new PendingCalibrations();
        var request = new CalibrationRequest("m", "ref", Calibrated.Window, () => []);
        queue.Ask(request);
        queue.Ask(new CalibrationRequest("m", "ref", Calibrated.Window, () => []));
        Assert.Equal(1, queue.Pending);

        Assert.True(queue.Requests.TryRead(out var taken));
        queue.Ask(request);
        Assert.Equal(1, queue.Pending); // it is being worked on
        Assert.False(queue.Requests.TryRead(out _));

        queue.Done(taken);
        Assert.Equal(0, queue.Pending);
        queue.Ask(request);
        Assert.True(queue.Requests.TryRead(out _));
    }

    [Fact]
    public void All_traffic_goes_first_and_of_each_sort_the_oldest()
    {
        var queue = new PendingCalibrations();
        foreach (var (subject, ofSegment)
            in new[] { ("m/a", true), ("m/b", true), ("m", false), ("m/c", true), ("n", false), ("k", false), ("m/d", true) })
        {
            queue.Ask(new CalibrationRequest(subject, "ref", Calibrated.Window, () => [], ofSegment));
        }

        var order = new List<string>();
        while (queue.Requests.TryRead(out var request))
        {
            order.Add(request.Subject);
        }

        Assert.Equal(["m", "n", "k", "m/a", "m/b", "m/c", "m/d"], order);
    }

    [Fact]
    public void What_does_not_fit_is_not_waiting_and_can_be_asked_for_again()
    {
        var queue = new PendingCalibrations();
        for (var i = 0; i < 10_001; i++)
        {
            queue.Ask(OfSegment(i));
        }

        Assert.Equal(10_000, queue.Pending);
        Assert.True(queue.Requests.TryRead(out var first));
        queue.Done(first);
        queue.Ask(OfSegment(10_000));

        Assert.Equal(10_000, queue.Pending);
    }

    [Fact]
    public void Segments_leave_room_for_all_traffic_which_is_bounded_too()
    {
        var queue = new PendingCalibrations();
        for (var i = 0; i < 10_000; i++)
        {
            queue.Ask(OfSegment(i));
        }

        for (var i = 0; i < 10_001; i++)
        {
            queue.Ask(new CalibrationRequest($"m{i}", "ref", Calibrated.Window, () => []));
        }

        Assert.Equal(20_000, queue.Pending);
        Assert.True(queue.Requests.TryRead(out var first));
        Assert.Equal("m0", first.Subject);
    }

    [Fact]
    public async Task Calibrations_are_worked_out_beside_the_stages_and_a_failing_one_is_counted_and_logged_once()
    {
        var log = new LogLines();
        await using var services = AlarmServices.Of(Reported.Alarms, log);
        var (queue, worker) = (
            services.GetRequiredService<PendingCalibrations>(),
            services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<CalibrationWorker>().Single());
        var asker = Environment.CurrentManagedThreadId;
        var prepared = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        var failures = 0;
        ImmutableArray<Shortfall> Fail()
        {
            failures++;
            throw new InvalidOperationException("no such luck");
        }

        await worker.StartAsync(TestContext.Current.CancellationToken);
        var failing = new CalibrationRequest("m/_all drift", "ref", Calibrated.Window, Fail);
        queue.Ask(failing);
        await EmptyAsync(queue);
        queue.Ask(failing);
        queue.Ask(new CalibrationRequest("m/eu drift", "ref", Calibrated.Window, () =>
        {
            prepared.SetResult(Environment.CurrentManagedThreadId);
            return [];
        }));
        var thread = await prepared.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await worker.StopAsync(TestContext.Current.CancellationToken);

        Assert.NotEqual(asker, thread);
        Assert.Equal(2, failures);
        Assert.Equal(
            "Error: m/_all drift over 5m could not be calibrated: a fixed threshold watches it, where there is one",
            Assert.Single(log.All));
    }

    [Fact]
    public async Task A_calibration_that_fails_once_is_counted_logged_tried_again_and_then_gives_thresholds()
    {
        var log = new LogLines();
        await using var services = AlarmServices.Of(Reported.Alarms, log);
        var (queue, calibrations) = (services.GetRequiredService<PendingCalibrations>(), services.GetRequiredService<Calibrations>());
        var worker = services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<CalibrationWorker>().Single();
        var reference = Calibrated.Reference();
        calibrations.Use(ReferenceSet.Latest([reference]));
        var budget = new FalseAlarmBudget(1, 30 * 86_400_000L);
        var settings = new AlarmSettings(
            new ConfiguredThresholds(new(null, null, budget), default, default), ImmutableSortedDictionary<string,
            ConfiguredThresholds>.Empty);
        var asked = 0;
        var source = new ThresholdsInForce(
            settings, [Calibrated.Window], 100, calibrations, request => queue.Ask(
                asked++ == 0 ? request with { Prepare = () => throw new ArithmeticException("the fit does not converge") } : request));
        async Task<ImmutableArray<Reading>> ReadAsync()
        {
            var readings = source.Judge(Calibrated.Report(reference)).Drift;
            await EmptyAsync(queue);
            return readings;
        }

        await worker.StartAsync(TestContext.Current.CancellationToken);
        Assert.Empty(await ReadAsync());
        Assert.Equal(
            (1, "Error: m/_all drift over 5m could not be calibrated: a fixed threshold watches it, where there is one"),
            (FailuresOf(services), Assert.Single(log.All)));
        Assert.Empty(await ReadAsync());
        Assert.Equal(
            [Measure.KlLiveVsReference, Measure.KlReferenceVsLive, Measure.CusumLiveVsReference],
            (await ReadAsync()).Select(reading => reading.Measure));
        await worker.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal((2, 1), (asked, FailuresOf(services)));
        Assert.DoesNotContain(log.All.Skip(1), line => line.StartsWith("Error", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_calibration_that_ends_between_two_slides_shows_its_threshold_and_begins_its_alarm()
    {
        var budget = new FalseAlarmBudget(1, 30 * 86_400_000L);
        var settings = new AlarmSettings(
            new ConfiguredThresholds(new(null, null, budget), new(null, null, budget), default),
            ImmutableSortedDictionary<string, ConfiguredThresholds>.Empty);
        await using var services = AlarmServices.Of(settings);
        var reference = Calibrated.Reference(withLosses: true, withErrors: true);
        services.GetRequiredService<Calibrations>().Use(ReferenceSet.Latest([reference]));
        var (desk, state) = (services.GetRequiredService<AlarmDesk>(), services.GetRequiredService<MonitorState>());
        desk.Note(Calibrated.Report(reference));
        desk.Note(Calibrated.Labels(1.25, accuracy: 0.5));
        Assert.Empty(Assert.Single(state.Reports.Judged).Drift);
        Assert.Empty(desk.Explain());

        var worker = services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<CalibrationWorker>().Single();
        await worker.StartAsync(TestContext.Current.CancellationToken);
        await Tests.Patience.UntilAsync("all alarms have begun", () => desk.Explain().Count() == 3);
        await worker.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            [Measure.KlLiveVsReference, Measure.KlReferenceVsLive, Measure.CusumLiveVsReference],
            Assert.Single(state.Reports.Judged).Drift.Select(reading => reading.Measure));
        Assert.Equal(
            [AlarmKind.OutputDrift, AlarmKind.CrossEntropy, AlarmKind.Accuracy],
            desk.Explain().Select(explanation => explanation.Alarm.Kind));
        Assert.All(desk.Explain(), explanation => Assert.NotNull(explanation.Now?.Threshold));
        Assert.Equal(3, state.Alarms.All.Count());
    }

    [Fact]
    public async Task A_reference_that_is_too_short_is_told_of_once_and_again_when_it_lacks_something_else()
    {
        var log = new LogLines();
        await using var services = AlarmServices.Of(Reported.Alarms, log);
        var (queue, worker) = (
            services.GetRequiredService<PendingCalibrations>(),
            services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<CalibrationWorker>().Single());
        await worker.StartAsync(TestContext.Current.CancellationToken);
        foreach (var shortfall in new[]
        {
            new Shortfall(ShortfallKind.Time, 600_000, 4_800_000), new Shortfall(ShortfallKind.Time, 600_000, 4_800_000),
            new Shortfall(ShortfallKind.Events, 60, 100),
        })
        {
            queue.Ask(new CalibrationRequest("m/_all drift", "ref", Calibrated.Window, () => [shortfall]));
            await EmptyAsync(queue);
        }

        await worker.StopAsync(TestContext.Current.CancellationToken);

        const string beginning = "Warning: m/_all drift over 5m: the reference";
        Assert.Equal(
            [
                $"{beginning} covers 10m of traffic, where 80m would show how such windows vary: "
                    + "uncalibrated, only fixed thresholds watch",
                $"{beginning} has 60 events, where 100 would be enough: "
                    + "calibrated only for budgets below 1 alarm in 1,000 windows",
            ],
            log.All);
    }

    /// <summary>By the worker itself: segments that were asked for first wait until no model's whole traffic does.</summary>
    [Fact]
    public async Task All_traffic_of_every_model_is_worked_out_before_any_segment()
    {
        await using var services = AlarmServices.Of(Reported.Alarms);
        var (queue, worker) = (
            services.GetRequiredService<PendingCalibrations>(),
            services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<CalibrationWorker>().Single());
        var order = new List<string>();
        foreach (var (subject, ofSegment) in new[] { ("m/eu", true), ("m/_all", false), ("n/eu", true), ("n/_all", false) })
        {
            queue.Ask(new CalibrationRequest(
                subject, "ref", Calibrated.Window, () =>
                {
                    order.Add(subject);
                    if (subject == "m/_all")
                    {
                        queue.Ask(new CalibrationRequest("k/_all", "ref", Calibrated.Window, () =>
                        {
                            order.Add("k/_all");
                            return [];
                        }));
                    }

                    return [];
                },
                ofSegment));
        }

        await worker.StartAsync(TestContext.Current.CancellationToken);
        await EmptyAsync(queue);
        await worker.StopAsync(TestContext.Current.CancellationToken);

        Assert.Equal(["m/_all", "n/_all", "k/_all", "m/eu", "n/eu"], order);
    }

    private static long FailuresOf(IServiceProvider services)
    {
        long? failures = null;
        var meter = services.GetRequiredService<MonitorMetrics>().Instruments.Meter;
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter == meter && instrument.Name == "driftmonitor_calibration_failures_total")
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => failures = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return failures!.Value;
    }

    private static CalibrationRequest OfSegment(int number) => new($"m/{number}", "ref", Calibrated.Window, () => [], OfSegment: true);

    private static Task EmptyAsync(PendingCalibrations queue) => Tests.Patience.UntilAsync("the queue is empty", () => queue.Pending == 0);
}
