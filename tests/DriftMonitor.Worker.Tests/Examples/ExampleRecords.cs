using System.Text;
using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Tests.Examples;

/// <summary>The records of an example: a payload a line, or its headers and the payload in base64.</summary>
internal sealed class ExampleRecords(string path) : IRecordedPredictions
{
    public string Name => Path.GetFileName(path);

    public long Length => 0;

    public static IEnumerable<(byte[] Value, Headers? Headers)> Of(string path)
    {
        foreach (var line in File.ReadLines(path))
        {
            using var json = JsonDocument.Parse(line);
            if (!json.RootElement.TryGetProperty("base64", out var payload))
            {
                yield return (Encoding.UTF8.GetBytes(line), null);
                continue;
            }

            var headers = new Headers();
            foreach (var header in json.RootElement.GetProperty("headers").EnumerateObject())
            {
                headers.Add(header.Name, Encoding.UTF8.GetBytes(header.Value.GetString()!));
            }

            yield return (payload.GetBytesFromBase64(), headers);
        }
    }

    public void Read(IRecordedPredictions.RecordReader onRecord, Action<long> onProgress)
    {
        var number = 0;
        foreach (var (value, headers) in Of(path))
        {
            onRecord(new RecordedPrediction(value, Name, ++number) { Headers = headers });
        }
    }
}
