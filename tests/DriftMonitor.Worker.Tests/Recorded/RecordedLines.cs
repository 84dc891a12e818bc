using System.Text;
using DriftMonitor.Worker.Sources;

namespace DriftMonitor.Worker.Tests.Recorded;

/// <summary>Lines as if they had been read from a file.</summary>
internal sealed class RecordedLines(IEnumerable<string> lines) : IRecordedPredictions
{
    public string Name => "lines";

    public long Length => 0;

    public void Read(IRecordedPredictions.RecordReader onRecord, Action<long> onProgress)
    {
        var number = 0;
        foreach (var line in lines)
        {
            onRecord(new RecordedPrediction(Encoding.UTF8.GetBytes(line), Name, ++number));
        }
    }
}
