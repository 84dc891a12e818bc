namespace DriftMonitor.Worker.Sources;

/// <summary>Recorded predictions: files of lines, or a topic's range of time. They can be read again and come in the same order.</summary>
internal interface IRecordedPredictions
{
    /// <summary>What to call them while they are read.</summary>
    string Name { get; }

    /// <summary>How much there is to read, in the unit in which progress is told; 0 when that is not known.</summary>
    long Length { get; }

    /// <summary>Reads all of them.</summary>
    /// <param name="onRecord">Called with each.</param>
    /// <param name="onProgress">Called now and then with how much has been read.</param>
    void Read(RecordReader onRecord, Action<long> onProgress);

    delegate void RecordReader(RecordedPrediction record);
}
