namespace DriftMonitor.Worker.Logs;

/// <summary>The log before the service is built. Made when there is something to write, which there seldom is.</summary>
internal sealed class StartupLog(IConfiguration configuration) : IDisposable
{
    private readonly Lazy<ILoggerFactory> _factory = new(() => LoggerFactory.Create(
        logging => logging.AddConfiguration(configuration.GetSection("Logging")).AddConsole().AddJsonLines()));

    public ILogger Of(string category) => _factory.Value.CreateLogger(category);

    /// <summary>Writes the last lines.</summary>
    public void Dispose()
    {
        if (_factory.IsValueCreated)
        {
            _factory.Value.Dispose();
        }
    }
}
