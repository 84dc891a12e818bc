using System.IO.Compression;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Tables;
using Microsoft.Win32.SafeHandles;

namespace DriftMonitor.Worker.Sources;

/// <summary>A file of recorded predictions or labels: what it is written in is told by the end of its name.</summary>
/// <remarks>
/// <c>.csv</c> and <c>.tsv</c> are tables of text, <c>.parquet</c> is one, too; anything else is a JSON document a line. With <c>.gz</c>
/// behind it a text is compressed.
/// </remarks>
internal sealed class RecordedFile
{
    private const string Gzip = ".gz";

    private readonly Func<FileStream> _open;
    private readonly string _kind;
    private readonly bool _isCompressed;

    public RecordedFile(FileInfo file)
        : this(file.ToString(), file.Length, () => new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.Read))
    {
    }

    private RecordedFile(string path, long length, Func<FileStream> open)
    {
        (Path, Length, _open) = (path, length, open);
        _isCompressed = path.EndsWith(Gzip, StringComparison.OrdinalIgnoreCase);
        _kind = System.IO.Path.GetExtension(_isCompressed ? path[..^Gzip.Length] : path).ToLowerInvariant();
    }

    /// <summary>As it was given.</summary>
    public string Path { get; }

    public string Name => System.IO.Path.GetFileName(Path);

    /// <summary>Bytes.</summary>
    public long Length { get; }

    /// <summary>What can be read once, kept in a file that nobody else sees and that is gone with this process.</summary>
    public static RecordedFile Spool(string name, Stream input)
    {
        var path = System.IO.Path.GetTempFileName(); // for this user alone
        var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite | FileShare.Delete);
        File.Delete(path);
        input.CopyTo(file);
        file.Flush();
        return new RecordedFile(name, file.Length, () =>
        {
            var handle = new SafeFileHandle(file.SafeFileHandle.DangerousGetHandle(), ownsHandle: false);
            return new FileStream(handle, FileAccess.Read) { Position = 0 };
        });
    }

    /// <summary>Reads all of it.</summary>
    /// <param name="source">How it is read.</param>
    /// <param name="onRecord">Called with each record.</param>
    /// <param name="onProgress">Called now and then with how many of the file's bytes have been read.</param>
    /// <exception cref="TableException">It cannot be read.</exception>
    /// <exception cref="InvalidConfigurationException">The source does not describe a table, and this is one.</exception>
    public void Read(SourceSettings source, IRecordedPredictions.RecordReader onRecord, Action<long> onProgress)
    {
        var told = 0L;
        using var file = _open();
        using Stream text = _isCompressed ? new GZipStream(file, CompressionMode.Decompress, leaveOpen: true) : file;
        switch (_kind)
        {
            case ".csv" or ".tsv":
                CsvTable.Read(Path, text, _kind == ".tsv" ? '\t' : null, Columns(source), On);
                break;
            case ".parquet" when _isCompressed:
                throw new TableException(Path, "Parquet is compressed by itself: decompress the file first");
            case ".parquet":
                ParquetTable.Read(Path, file, Columns(source), On);
                break;
            default:
                JsonLines.Read(text, (line, number, _) => On(line, number + 1));
                break;
        }

        void On(ReadOnlySpan<byte> json, long number)
        {
            onRecord(new RecordedPrediction(json, Name, number));
            if (file.CanSeek && file.Position is var position && position != told)
            {
                onProgress(told = position);
            }
        }
    }

    private SourceColumns Columns(SourceSettings source) =>
        source is { Frames: [], Format: { Payload: PayloadFormat.Json, HasRows: false } } ? new SourceColumns(source)
        : throw new InvalidConfigurationException(
            [$"{Path}: a table has no Frame and no Format: describe its columns by a --source with a Map alone"]);
}
