using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.Kafka;

/// <summary>Runs a consumer's loop on a thread of its own and ends the process if the loop fails: the orchestrator restarts it.</summary>
internal sealed class ConsumerService(
    Action<CancellationToken> run, string stage, IHostApplicationLifetime lifetime, ILogger<ConsumerService> log)
    : BackgroundService
{
    public const int FaultExitCode = 2;

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
