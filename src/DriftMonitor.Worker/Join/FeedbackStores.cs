using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Logs;
using Google.Protobuf;
using RocksDbSharp;

namespace DriftMonitor.Worker.Join;

/// <summary>Opens the join's stores, and sets aside those that cannot be read: all that they hold can be rebuilt from the topics.</summary>
/// <param name="time">The clock that names what is set aside.</param>
internal sealed class FeedbackStores(
    FeedbackSettings feedback, Func<string, IFeedbackStore> open, TimeProvider time, ILogger<FeedbackStores> log)
{
    /// <summary>Faults that pass, or that another process must end: a full disk, a lock, too many open files. The data is sound.</summary>
    private static readonly string[] Passing =
        [
            "No space left", "Disk quota exceeded", "File too large", "/LOCK: ", "Too many open files", "Cannot allocate memory",
            "Column families not opened", // they could not be listed, for one of these troubles
        ];

    public FeedbackSettings Feedback => feedback;

    /// <summary>Whether an exception tells of a store that cannot be used, rather than of a fault in the program.</summary>
    public static bool IsProblem(Exception problem) =>
        problem is RocksDbSharpException or IOException or InvalidDataException or UnauthorizedAccessException;

    /// <summary>Where the store of a partition is; null when it is in memory.</summary>
    public string? DirectoryOf(Partition partition) => feedback.Directory is { } directory
        ? Path.Combine(directory, string.Create(CultureInfo.InvariantCulture, $"{feedback.Topic}-{partition.Value}"))
        : null;

    /// <summary>Opens the store of a partition; an empty one in the place of one that cannot be read.</summary>
    /// <param name="failure">Why it could not be used before, null when it could.</param>
    /// <exception cref="Exception">It cannot be used now, and may be later: <see cref="IsProblem"/>.</exception>
    public IFeedbackStore Open(Partition partition, Exception? failure)
    {
        if (DirectoryOf(partition) is not { } directory)
        {
            return new MemoryFeedbackStore(feedback.BucketMs);
        }

        if (failure is not null && IsCorrupt(failure) && Path.Exists(directory))
        {
            SetAside(directory, failure); // it opens, but cannot be read
        }

        if (Path.Exists(directory))
        {
            try
            {
                return open(directory);
            }
            catch (Exception problem) when (IsProblem(problem) && !Array.Exists(Passing, problem.Message.Contains))
            {
                SetAside(directory, problem);
            }
        }

        try
        {
            return open(directory);
        }
        catch (Exception problem) when (IsProblem(problem))
        {
            Delete(directory); // what was begun holds nothing
            throw;
        }
    }

    /// <summary>Opens an empty store in the place of a partition's, which is closed and of logs that are no more.</summary>
    /// <exception cref="Exception">It cannot be used now, and may be later: <see cref="IsProblem"/>.</exception>
    public IFeedbackStore OpenAnew(Partition partition)
    {
        if (DirectoryOf(partition) is { } directory && Path.Exists(directory))
        {
            Directory.Delete(directory, recursive: true);
        }

        return Open(partition, failure: null);
    }

    private static bool IsCorrupt(Exception problem) =>
        problem is InvalidProtocolBufferException or InvalidDataException
        || problem.Message.Contains("Corruption", StringComparison.Ordinal);

    private void SetAside(string directory, Exception problem)
    {
        var earlier = Directory.GetFileSystemEntries(feedback.Directory!, $"{Path.GetFileName(directory)}.broken-*");
        var aside = string.Create(CultureInfo.InvariantCulture, $"{directory}.broken-{time.GetUtcNow():yyyyMMdd'T'HHmmss'Z'}");
        Array.ForEach(earlier, Delete);
        Directory.Move(directory, aside);
        log.StoreRebuilt(directory, problem.Message, aside);
    }

    private static void Delete(string path)
    {
        try
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
        catch (Exception problem) when (IsProblem(problem))
        {
            // it is in nobody's way: a database that holds nothing, or an earlier one that was set aside
        }
    }
}
