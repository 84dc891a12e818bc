namespace DriftMonitor.Worker.Configuration;

/// <summary>What is wrong with the configuration: every problem, each one line that names the key, the value and what is allowed.</summary>
internal sealed class InvalidConfigurationException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems { get; } = problems;
}
