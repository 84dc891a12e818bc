using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>What became of recorded predictions or labels, and where the first of those that cannot be read stand.</summary>
internal sealed class RecordCounts
{
    private const int MaxSamples = 5;
    private const double MostRejected = 0.1;

    private readonly SortedDictionary<RejectionReason, long> _rejected = [];
    private readonly List<string> _samples = [];
    private long _rejectedInAll;

    /// <summary>How many events were read.</summary>
    public long Accepted { get; private set; }

    /// <summary>How many records are not meant to be read.</summary>
    public long Ignored { get; private set; }

    public IReadOnlyDictionary<RejectionReason, long> Rejected => _rejected;

    /// <summary>The first records that were rejected, a line each.</summary>
    public IReadOnlyList<string> Samples => _samples;

    /// <summary>Why the result is not to be used unless the user says so; null if it is.</summary>
    public string? Problem =>
        Accepted + Ignored + _rejectedInAll == 0 ? null // there was nothing
        : Accepted == 0 ? $"nothing was accepted; rejected: {Text(_rejected)}{Passed}"
        : _rejectedInAll > MostRejected * (_rejectedInAll + Accepted)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{_rejectedInAll} of {_rejectedInAll + Accepted} records were rejected ({Text(_rejected)}), which is more than a tenth: "
                + $"describe their source with --source, or give --accept-rejects")
            : null;

    private string Passed => Ignored == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; ignored: {Ignored}");

    /// <summary>Counts an event, or a record that has none.</summary>
    /// <param name="undeclared">The frame that it seems to have, null for none.</param>
    public void Count(RejectionReason reason, bool isIgnored, SourceFrame? undeclared, in RecordedPrediction record)
    {
        if (isIgnored)
        {
            Ignored++;
        }
        else if (reason == RejectionReason.None)
        {
            Accepted++;
        }
        else
        {
            _rejectedInAll++;
            _rejected[reason] = _rejected.GetValueOrDefault(reason) + 1;
            if (_samples.Count < MaxSamples)
            {
                var remedy = undeclared is { } frame ? $": {UndeclaredFrame.Remedy(frame)}" : "";
                _samples.Add($"{record.Place}: {RejectionLabels.Of(reason)}{remedy}");
            }
        }
    }

    /// <summary>Rejections as people read them: <c>12 wrong_arity, 1 malformed</c>.</summary>
    public static string Text(IEnumerable<KeyValuePair<RejectionReason, long>> rejected) =>
        string.Join(", ", rejected.Select(reason => FormattableString.Invariant($"{reason.Value} {RejectionLabels.Of(reason.Key)}"))) is
        {
            Length: > 0,
        } text
            ? text
            : "none";
}
