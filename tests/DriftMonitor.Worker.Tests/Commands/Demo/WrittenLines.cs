using System.Collections.Concurrent;
using System.Text;

namespace DriftMonitor.Worker.Tests.Commands.Demo;

/// <summary>Keeps the lines that are written, to be read meanwhile.</summary>
internal sealed class WrittenLines : TextWriter
{
    private readonly ConcurrentQueue<string> _lines = new();

    public ConcurrentQueue<string> All => _lines;

    public override Encoding Encoding => Encoding.UTF8;

    public override void WriteLine(string? value) => _lines.Enqueue(value ?? "");
}
