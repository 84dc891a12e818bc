using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>Files of one JSON document a line, one file after the other.</summary>
internal sealed class PredictionFiles(IReadOnlyList<FileInfo> files) : IRecordedPredictions
{
    public string Name => files.Count == 1 ? files[0].ToString() : $"{files[0].Name} and {files.Count - 1} more";

    /// <summary>Bytes.</summary>
    public long Length => files.Sum(file => file.Length);

    public void Read(IRecordedPredictions.RecordReader onRecord, Action<long> onProgress)
    {
        var (before, told) = (0L, 0L);
        foreach (var file in files)
        {
            JsonLines.Read(file.FullName, (line, number, bytesRead) =>
            {
                onRecord(new RecordedPrediction(line, file.Name, number + 1));
                if (told != before + bytesRead)
                {
                    onProgress(told = before + bytesRead);
                }
            });
            before += file.Length;
        }
    }
}
