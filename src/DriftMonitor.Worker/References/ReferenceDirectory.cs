using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Security.Cryptography;
using DriftMonitor.Worker.Logs;

namespace DriftMonitor.Worker.References;

/// <summary>Follows a directory of snapshot files (<c>*.json</c>): each model's highest version is in use.</summary>
/// <remarks>
/// Looked at in intervals rather than watched: file notifications miss the symbolic links by which a ConfigMap is swapped. A file is read
/// when its <see cref="FileStamp"/> is another one, and once more when that has been the same for <see cref="CoarsestTick"/>: two may be
/// written within one tick of the file system's clock. Whatever its stamp, it is read again after <see cref="BetweenReadings"/>, since
/// times can be set back. What counts is the content. A file that turns bad is refused, logged once for each content, and what it held
/// before stays in use; a file that is gone is no longer in use. Of two snapshots of one model and version the later made one is in use, of
/// those the one of the higher id, and a warning names both files.
/// </remarks>
/// <param name="refused">Told after every look how many files are refused; the directory counts as one when it cannot be read.</param>
internal sealed class ReferenceDirectory(
    string directory, TimeProvider time, ILogger<ReferenceDirectory> log, Action<int>? refused = null)
{
    /// <summary>That of FAT. Other file systems tell times apart by milliseconds or less.</summary>
    private static readonly TimeSpan CoarsestTick = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan BetweenReadings = TimeSpan.FromMinutes(10);

    private static readonly TimeSpan MostFilling = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MostMending = TimeSpan.FromHours(1);

    /// <summary>The most refusals that are logged of one look; a directory may be full of other files.</summary>
    private const int MostRefusalsALook = 20;

    /// <summary>
    /// The set in use: before the subscription returns, then whenever it changes. It is complete a minute after the directory could be read
    /// first, since it may be filled after a start; an hour after it where files are refused, which somebody may mend.
    /// </summary>
    public IObservable<ReferenceSet> Follow(TimeSpan interval, IScheduler scheduler) =>
        Observable.Defer(() =>
        {
            var known = new Known();
            const long atOnce = -1;
            return Observable.Interval(interval, scheduler)
                .StartWith(atOnce)
                .Where(look => LookAndTell(known, scheduler.Now) || look == atOnce)
                .Select(_ => InUse(known));
        });

    private ReferenceSet InUse(Known known)
    {
        var set = ReferenceSet.Latest(known.Files.Values.Select(entry => entry.Snapshot).OfType<ReferenceSnapshot>());
        var rivals = known.Files
            .Select(file => (File: file.Key, file.Value.Snapshot))
            .Where(file => file.Snapshot is { } snapshot && set.Of(snapshot.Model) is { } used && used.Version == snapshot.Version)
            .ToLookup(file => file.Snapshot!.Id == set.Of(file.Snapshot.Model)!.Id);
        foreach (var (file, snapshot) in rivals[false].OrderBy(file => file.File, StringComparer.Ordinal))
        {
            var used = rivals[true]
                .Where(other => other.Snapshot!.Model == snapshot!.Model)
                .MinBy(other => other.File, StringComparer.Ordinal);
            if (known.Rivals.Add((snapshot!.Id, used.Snapshot!.Id)))
            {
                log.ReferenceFilesRival(
                    snapshot.Model, snapshot.Version, DisplayText.Of(used.File), used.Snapshot.Id, DisplayText.Of(file), snapshot.Id);
            }
        }

        return set with { IsComplete = known.IsComplete };
    }

    private bool LookAndTell(Known known, DateTimeOffset now)
    {
        var (wasComplete, changed) = (known.IsComplete, Look(known, now));
        if (known.Problem is null)
        {
            known.FirstRead ??= now;
            var patience = known.Files.Values.All(entry => entry.Snapshot is not null) ? MostFilling : MostMending;
            known.IsComplete |= now - known.FirstRead >= patience;
        }

        refused?.Invoke(known.Files.Values.Count(entry => entry.IsRefused) + (known.Problem is null ? 0 : 1));
        return changed || known.IsComplete != wasComplete;
    }

    private bool Look(Known known, DateTimeOffset now)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal)];
            known.Problem = null;
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            if (known.Problem != problem.Message)
            {
                log.ReferenceDirectoryUnreadable(directory, DisplayText.Of(problem.Message));
                known.Problem = problem.Message;
            }

            return false;
        }

        var changed = false;
        foreach (var gone in known.Files.Keys.Except(files, StringComparer.Ordinal).ToArray())
        {
            log.ReferenceFileGone(DisplayText.Of(gone));
            changed |= known.Files.Remove(gone, out var entry) && entry.Snapshot is not null;
        }

        var refusals = 0;
        foreach (var file in files)
        {
            try
            {
                changed |= LookAt(file, known.Files, now);
            }
            catch (InvalidReferenceException problem)
            {
                if (++refusals <= MostRefusalsALook)
                {
                    log.ReferenceRefused(problem.Message);
                }
            }
        }

        if (refusals > MostRefusalsALook)
        {
            log.MoreReferencesRefused(refusals - MostRefusalsALook, directory);
        }

        return changed;
    }

    /// <exception cref="InvalidReferenceException">Its content is new and no usable snapshot.</exception>
    private bool LookAt(string file, Dictionary<string, Entry> known, DateTimeOffset now)
    {
        var previous = known.GetValueOrDefault(file);
        byte[] utf8;
        FileStamp stamp;
        try
        {
            stamp = FileStamp.Of(file);
            if (previous is not null && previous.Stamp == stamp
                && previous.Read - previous.Seen >= CoarsestTick && now - previous.Read < BetweenReadings)
            {
                return false;
            }

            utf8 = ReferenceFile.ReadBytes(file);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            known[file] = new Entry(null, now, now, problem.Message, previous?.Snapshot, IsRefused: true); // looked at again next time
            return previous?.Content == problem.Message ? false : throw new InvalidReferenceException(file, problem);
        }

        var content = Convert.ToHexStringLower(SHA256.HashData(utf8));
        var seen = previous?.Stamp == stamp ? previous.Seen : now;
        var isKnown = previous?.Content == content;
        known[file] = new Entry(stamp, seen, now, content, previous?.Snapshot, IsRefused: !isKnown || previous!.IsRefused);
        if (isKnown)
        {
            return false;
        }

        var snapshot = ReferenceFile.Parse(file, utf8, time.GetUtcNow());
        known[file] = known[file] with { Snapshot = snapshot, IsRefused = false };
        log.ReferenceFileUsed(
            snapshot.Id, snapshot.Version, snapshot.Model, snapshot.All.Events, snapshot.ClassSpace.DistinctNames.Count,
            DisplayText.Of(file));
        return true;
    }

    private sealed class Known
    {
        public Dictionary<string, Entry> Files { get; } = new(StringComparer.Ordinal);

        /// <summary>The ids of references of one model and version, of which a warning was logged.</summary>
        public HashSet<(string Id, string UsedId)> Rivals { get; } = [];

        /// <summary>Why the directory could not be read when it was last looked at, null when it could.</summary>
        public string? Problem { get; set; }

        /// <summary>When the directory could be read first.</summary>
        public DateTimeOffset? FirstRead { get; set; }

        /// <summary>Whether a model without a reference is known to have none.</summary>
        public bool IsComplete { get; set; }
    }

    /// <param name="Stamp">The file when it was last read, null when it could not be.</param>
    /// <param name="Seen">When it was first read with this stamp.</param>
    /// <param name="Read">When it was last read.</param>
    /// <param name="Content">The hash of the content, or why it cannot be read.</param>
    /// <param name="Snapshot">The last one that it held, null for none yet.</param>
    /// <param name="IsRefused">Whether what it holds now is no usable snapshot.</param>
    private sealed record Entry(
        FileStamp? Stamp, DateTimeOffset Seen, DateTimeOffset Read, string Content, ReferenceSnapshot? Snapshot, bool IsRefused);
}
