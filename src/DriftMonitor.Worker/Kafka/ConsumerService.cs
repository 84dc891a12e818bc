using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Runs a consumer's loop on a thread of its own and ends the process if the loop fails: the orchestrator restarts it.</summary>
/// <remarks>It begins once the web server listens: whether the service is alive is answered while it joins its group.</remarks>
internal sealed class ConsumerService(
    Action<CancellationToken> run, string stage, IHostApplicationLifetime lifetime, ILogger<ConsumerService> log)
    : BackgroundService, IHostedLifecycleService
{
    public const int FaultExitCode = 2;

    public override Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => base.StartAsync(cancellationToken);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.Factory.StartNew(() => Run(stoppingToken), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

#pragma warning disable CA1031 // whatever ends the loop must end the process: a quietly dead stage is the worst fault a monitor can have
    private void Run(CancellationToken stop)
    {
        try
        {
            run(stop);
        }
        catch (Exception fault)
        {
            log.StageFailed(fault, stage, FaultExitCode, fault.Message);
            Environment.ExitCode = FaultExitCode;
            lifetime.StopApplication();
        }
    }
#pragma warning restore CA1031
}
