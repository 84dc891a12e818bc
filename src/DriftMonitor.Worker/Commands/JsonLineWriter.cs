using System.Text.Json.Nodes;

namespace DriftMonitor.Worker.Commands;

/// <summary>Writes one JSON document a line.</summary>
internal sealed class JsonLineWriter(Stream stream) : IDisposable
{
    private readonly BufferedStream _buffered = new(stream, 64 * 1024);

    public void Write(JsonObject document)
    {
        JsonSerializer.Serialize(_buffered, document);
        _buffered.WriteByte((byte)'\n');
    }

    public void Flush() => _buffered.Flush();

    public void Dispose() => _buffered.Dispose();
}
