using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace DriftMonitor.Worker.Tests;

/// <summary>What is logged, a line each: <c>Warning: …</c>. Safe for concurrent use.</summary>
internal sealed class LogLines : ILogger, ILoggerProvider
{
    private readonly ConcurrentQueue<string> _lines = [];

    public IReadOnlyCollection<string> All => _lines;

    /// <summary>Called with each line, on the thread that logs it.</summary>
    public Action<string>? OnLine { get; init; }

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        var line = $"{logLevel}: {formatter(state, exception)}";
        _lines.Enqueue(line);
        OnLine?.Invoke(line);
    }

    public void Dispose()
    {
    }
}
