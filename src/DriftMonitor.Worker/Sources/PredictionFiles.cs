using DriftMonitor.Worker.Configuration;

namespace DriftMonitor.Worker.Sources;

/// <summary>Files of predictions or labels, one file after the other.</summary>
/// <param name="files">The files.</param>
/// <param name="source">How they are read: which columns of a table.</param>
internal sealed class PredictionFiles(IReadOnlyList<RecordedFile> files, SourceSettings source) : IRecordedPredictions
{
    public string Name => files.Count == 1 ? files[0].Path : $"{files[0].Name} and {files.Count - 1} more";

    /// <summary>Bytes.</summary>
    public long Length => files.Sum(file => file.Length);

    public void Read(IRecordedPredictions.RecordReader onRecord, Action<long> onProgress)
    {
        var before = 0L;
        foreach (var file in files)
        {
            file.Read(source, onRecord, read => onProgress(before + read));
            before += file.Length;
        }
    }
}
