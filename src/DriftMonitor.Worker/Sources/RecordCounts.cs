using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>What became of recorded predictions or labels, and where the first of those that cannot be read stand.</summary>
/// <param name="option">The option that describes the source.</param>
internal sealed class RecordCounts(string option = "--source")
{
    private const int MaxSamples = 5;
    private const double MostRejected = 0.1;

    private readonly SortedDictionary<RejectionReason, long> _rejected = [];
    private readonly List<string> _samples = [];
    private long _rejectedInAll;
    private (string Log, long Position) _place = ("", 0);
    private bool _isRejected;

    /// <summary>How many records were read, whatever number of rows they have.</summary>
    public long Accepted { get; private set; }

    /// <summary>How many records are not meant to be read.</summary>
    public long Ignored { get; private set; }

    public IReadOnlyDictionary<RejectionReason, long> Rejected => _rejected;

    /// <summary>The first records that were rejected, a line each.</summary>
    public IReadOnlyList<string> Samples => _samples;

    /// <summary>Why the result is not to be used unless the user says so; null if it is.</summary>
    public string? Problem =>
        Accepted + Ignored + _rejectedInAll == 0 ? null // there was nothing
        : Accepted == 0 ? $"nothing was accepted; rejected: {Text(_rejected)}{Passed}{Page}"
        : _rejectedInAll > MostRejected * (_rejectedInAll + Accepted)
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"{_rejectedInAll} of {_rejectedInAll + Accepted} records were rejected ({Text(_rejected)}), which is more than a tenth: "
                + $"describe their source with {option}, or give --accept-rejects{Page}")
            : null;

    private static string Page => $" ({ReasonText.Page} has each reason)";

    private string Passed => Ignored == 0 ? "" : string.Create(CultureInfo.InvariantCulture, $"; ignored: {Ignored}");

    /// <summary>Counts a record with its first row, or one that has none.</summary>
    /// <param name="undeclared">The frame that it seems to have, null for none.</param>
    /// <param name="where">Where in the record stands what it is rejected for; null where that is not known.</param>
    public void Count(RejectionReason reason, bool isIgnored, SourceFrame? undeclared, string? where, in RecordedPrediction record)
    {
        var isFirst = _place != (record.Log, record.Position);
        if (isFirst)
        {
            (_place, _isRejected) = ((record.Log, record.Position), false);
        }

        if (isIgnored)
        {
            Ignored += isFirst ? 1 : 0;
        }
        else if (reason == RejectionReason.None)
        {
            Accepted += isFirst ? 1 : 0;
        }
        else
        {
            Accepted -= isFirst || _isRejected ? 0 : 1;
            Reject(reason, where, undeclared);
        }
    }

    /// <summary>Says that a row of the record that was counted last counts in no window.</summary>
    public void Refuse(RejectionReason reason)
    {
        Accepted -= _isRejected ? 0 : 1;
        Reject(reason, where: null, undeclared: null);
    }

    private void Reject(RejectionReason reason, string? where, SourceFrame? undeclared)
    {
        if (_isRejected)
        {
            return;
        }

        _isRejected = true;
        _rejectedInAll++;
        _rejected[reason] = _rejected.GetValueOrDefault(reason) + 1;
        if (_samples.Count < MaxSamples)
        {
            var at = where is null ? "" : $" at {where}";
            var remedy = undeclared is { } frame ? UndeclaredFrame.Remedy(frame) : ReasonText.Remedy(reason);
            _samples.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{_place.Log}:{_place.Position}: {RejectionLabels.Of(reason)}{at}: expected {ReasonText.Expected(reason)}; {remedy}"));
        }
    }

    /// <summary>What counts in no window, as people read it: <c>rejected: 12 wrong_arity, 1 malformed, duplicates: 3</c>.</summary>
    public static string TextOfUncounted(IEnumerable<KeyValuePair<RejectionReason, long>> rejected, long duplicates) => string.Create(
        CultureInfo.InvariantCulture, $"rejected: {Text(rejected)}{(duplicates > 0 ? $", duplicates: {duplicates}" : "")}");

    /// <summary>Rejections as people read them: <c>12 wrong_arity, 1 malformed</c>.</summary>
    public static string Text(IEnumerable<KeyValuePair<RejectionReason, long>> rejected) =>
        string.Join(", ", rejected.Select(reason => FormattableString.Invariant($"{reason.Value} {RejectionLabels.Of(reason.Key)}"))) is
        {
            Length: > 0,
        } text
            ? text
            : "none";
}
