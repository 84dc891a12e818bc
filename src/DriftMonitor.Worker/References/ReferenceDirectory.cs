using System.Reactive.Concurrency;
using System.Reactive.Linq;
using System.Security.Cryptography;
using DriftMonitor.References;

namespace DriftMonitor.Worker.References;

/// <summary>Follows a directory of snapshot files (<c>*.json</c>): each model's highest version is in use.</summary>
/// <remarks>
/// Looked at in intervals rather than watched: file notifications miss the symbolic links by which a ConfigMap is swapped. Files are told
/// apart by their content: two may be written within one tick of the file system's clock. A file that turns bad is refused, said once for
/// each content, and what it held before stays in use; a file that is gone is no longer in use.
/// </remarks>
internal sealed class ReferenceDirectory(string directory, TimeProvider time, ILogger<ReferenceDirectory> log)
{
    /// <summary>How far clocks may differ. A snapshot dated further ahead would keep every later one's classes out until its day has come.</summary>
    private static readonly TimeSpan AllowedAhead = TimeSpan.FromDays(1);

    /// <summary>The set in use: before the subscription returns, then whenever it changes.</summary>
    public IObservable<ReferenceSet> Follow(TimeSpan interval, IScheduler scheduler) =>
        Observable.Defer(() =>
        {
            var known = new Known();
            const long atOnce = -1;
            return Observable.Interval(interval, scheduler)
                .StartWith(atOnce)
                .Where(look => Look(known) || look == atOnce)
                .Select(_ => ReferenceSet.Latest(known.Files.Values.Select(entry => entry.Snapshot).OfType<ReferenceSnapshot>()));
        });

    private bool Look(Known known)
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
                log.LogError("References:Directory {Directory} cannot be read, the references in use stay: {Problem}", directory, problem.Message);
                known.Problem = problem.Message;
            }

            return false;
        }

        var changed = false;
        foreach (var gone in known.Files.Keys.Except(files, StringComparer.Ordinal).ToArray())
        {
            log.LogInformation("reference file {File} is gone", gone);
            changed |= known.Files.Remove(gone, out var entry) && entry.Snapshot is not null;
        }

        foreach (var file in files)
        {
            changed |= LookAt(file, known.Files);
        }

        return changed;
    }

    private bool LookAt(string file, Dictionary<string, Entry> known)
    {
        var previous = known.GetValueOrDefault(file);
        var content = ContentOf(file);
        if (previous?.Content == content)
        {
            return false;
        }

        known[file] = new Entry(content, previous?.Snapshot); // whatever it holds, it is looked at once
        try
        {
            var snapshot = ReferenceFile.Read(file);
            if (snapshot.CreatedAt - time.GetUtcNow() > AllowedAhead)
            {
                throw new InvalidReferenceException(file, new ArgumentException($"created_at {snapshot.CreatedAt:O} lies more than a day ahead"));
            }

            known[file] = new Entry(content, snapshot);
            log.LogInformation(
                "reference {Id} version {Version} of model {Model}: {Events} events over {Classes} classes, from {File}",
                snapshot.Id, snapshot.Version, snapshot.Model, snapshot.All.Events, snapshot.ClassSpace.ClassCount, file);
            return true;
        }
        catch (InvalidReferenceException problem)
        {
            log.LogError("reference refused, what was in use stays: {Problem}", problem.Message);
            return false;
        }
    }

    /// <summary>The hash of the file's content, or why it cannot be read.</summary>
    private static string ContentOf(string file)
    {
        try
        {
            using var stream = File.OpenRead(file);
            return Convert.ToHexStringLower(SHA256.HashData(stream));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return problem.Message;
        }
    }

    private sealed class Known
    {
        public Dictionary<string, Entry> Files { get; } = new(StringComparer.Ordinal);

        /// <summary>Why the directory could not be read when it was last looked at, null when it could.</summary>
        public string? Problem { get; set; }
    }

    private sealed record Entry(string Content, ReferenceSnapshot? Snapshot);
}
