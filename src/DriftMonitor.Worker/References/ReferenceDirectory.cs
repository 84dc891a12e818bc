using System.Reactive.Concurrency;
using System.Reactive.Linq;
using DriftMonitor.References;

namespace DriftMonitor.Worker.References;

/// <summary>Follows a directory of snapshot files (<c>*.json</c>): each model's highest version is in use.</summary>
/// <remarks>
/// Looked at in intervals rather than watched: file notifications miss the symbolic links by which a ConfigMap is swapped. A file that
/// turns bad is refused, said once for each content, and what it held before stays in use; a file that is gone is no longer in use.
/// </remarks>
internal sealed class ReferenceDirectory(string directory, ILogger<ReferenceDirectory> log)
{
    /// <summary>The set in use: before the subscription returns, then whenever it changes.</summary>
    public IObservable<ReferenceSet> Follow(TimeSpan interval, IScheduler scheduler) =>
        Observable.Defer(() =>
        {
            var known = new Dictionary<string, Entry>(StringComparer.Ordinal);
            const long atOnce = -1;
            return Observable.Interval(interval, scheduler)
                .StartWith(atOnce)
                .Where(look => Look(known) || look == atOnce)
                .Select(_ => ReferenceSet.Latest(known.Values.Select(entry => entry.Snapshot).OfType<ReferenceSnapshot>()));
        });

    private bool Look(Dictionary<string, Entry> known)
    {
        string[] files;
        try
        {
            files = [.. Directory.EnumerateFiles(directory, "*.json").Order(StringComparer.Ordinal)];
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            log.LogError("References:Directory {Directory} cannot be read, the references in use stay: {Problem}", directory, problem.Message);
            return false;
        }

        var changed = false;
        foreach (var gone in known.Keys.Except(files, StringComparer.Ordinal).ToArray())
        {
            log.LogInformation("reference file {File} is gone", gone);
            known.Remove(gone);
            changed = true;
        }

        foreach (var file in files)
        {
            changed |= LookAt(file, known);
        }

        return changed;
    }

    private bool LookAt(string file, Dictionary<string, Entry> known)
    {
        var previous = known.GetValueOrDefault(file);
        try
        {
            var info = new FileInfo(file).ResolveLinkTarget(returnFinalTarget: true) as FileInfo ?? new FileInfo(file);
            var stamp = (info.FullName, info.LastWriteTimeUtc, info.Length);
            if (previous?.Stamp == stamp)
            {
                return false;
            }

            known[file] = new Entry(stamp, previous?.Snapshot); // whatever it holds, it is looked at once
            var snapshot = ReferenceFile.Read(file);
            known[file] = new Entry(stamp, snapshot);
            log.LogInformation(
                "reference {Id} version {Version} of model {Model}: {Events} events over {Classes} classes, from {File}",
                snapshot.Id, snapshot.Version, snapshot.Model, snapshot.All.Events, snapshot.ClassSpace.ClassCount, file);
            return true;
        }
        catch (Exception problem) when (problem is InvalidReferenceException or IOException)
        {
            log.LogError("reference refused, what was in use stays: {Problem}", problem.Message);
            return false;
        }
    }

    private sealed record Entry((string Path, DateTime WrittenUtc, long Length) Stamp, ReferenceSnapshot? Snapshot);
}
