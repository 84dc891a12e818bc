using Tags = System.Collections.Generic.KeyValuePair<string, object?>[];

namespace DriftMonitor.Worker.State;

/// <summary>One series and window as it is exported: its labels, made once, and what is known of it now, swapped as a whole.</summary>
/// <remarks>Labels are in the order of their names: the SDK keeps those that are not twice, as given and in order.</remarks>
internal sealed class WindowSeries
{
    /// <summary>The class label of what all classes that are not named contribute.</summary>
    public const string Rest = "__rest__";

    /// <summary>How many estimates of a divergence between two policies there are.</summary>
    public static readonly int PolicyEstimates = Enum.GetValues<PolicyEstimate>().Length;

    private const int MostKept = 1 << 14; // cells of a window's panes, 131 kB: what has more is decided at its next slide

    private readonly LabelSets _classLabels;
    private Tags[]? _policyLabels;
    private volatile Numbers _now;

    public WindowSeries(JudgedReport judged, LabelSets windowLabels, LabelSets classLabels)
    {
        var report = judged.Report;
        var (model, segment, window) = (report.Window.Series.Model, report.Window.Series.Segment, report.Window.Window.Name);
        _classLabels = classLabels;
        Labels = [new("model", model), new("segment", segment), new("window", window)];
        LiveVsReference = [new("direction", "live_vs_reference"), .. Labels];
        ReferenceVsLive = [new("direction", "reference_vs_live"), .. Labels];
        LabelNumber = windowLabels.Issue();
        _now = new Numbers(judged, []);
        Update(judged);
    }

    /// <summary>The number of these labels among those of their kind.</summary>
    public long LabelNumber { get; }

    public Tags Labels { get; }

    public Tags LiveVsReference { get; }

    public Tags ReferenceVsLive { get; }

    /// <summary>The labels of an estimate; made when first asked for, since few models have two policies.</summary>
    public Tags LabelsOf(PolicyEstimate estimate)
    {
        _policyLabels ??= [.. Enum.GetValues<PolicyEstimate>().Select(Of)];
        return _policyLabels[(int)estimate];

        Tags Of(PolicyEstimate each)
        {
            var (direction, estimator) = PolicyLabels.Of(Measures.Of(each));
            return [new("direction", direction), new("estimator", estimator), .. Labels];
        }
    }

    public Numbers Now => _now;

    /// <summary>Takes a later report of the same series and window. Called by one thread at a time.</summary>
    public void Update(JudgedReport judged)
    {
        var before = _now.Contributions;
        judged = judged.IsPending && judged.Report.Window is { Series.Segment: SeriesKey.All, Panes.Mass.Length: <= MostKept }
            ? judged // which is decided again when its threshold is there
            : judged.WithoutPanes();
        _now = new Numbers(judged, Contributions(judged.Report, before));
        _classLabels.Release(before.Length);
    }

    /// <summary>Says that the labels are no longer in use.</summary>
    public void Release(LabelSets windowLabels)
    {
        windowLabels.Release();
        _classLabels.Release(_now.Contributions.Length);
    }

    private ImmutableArray<Contribution> Contributions(DriftReport report, ImmutableArray<Contribution> before)
    {
        if (report.Divergences is null || report.Contributions.IsEmpty)
        {
            return [];
        }

        var all = ImmutableArray.CreateBuilder<Contribution>(report.Contributions.Length + 1);
        var rest = report.RestContributionNats;
        foreach (var contribution in report.Contributions)
        {
            if (contribution.Class == Rest)
            {
                rest += contribution.Nats; // a class of that name cannot have a series of its own beside the rest
            }
            else
            {
                all.Add(
                    Of(contribution.Class, contribution.Nats, before) with
                    {
                        Shares = (contribution.LiveShare, contribution.ReferenceShare),
                    });
            }
        }

        all.Add(Of(Rest, rest, before));
        return all.DrainToImmutable();
    }

    /// <summary>Labels that are exported already are used again.</summary>
    private Contribution Of(string name, double nats, ImmutableArray<Contribution> before)
    {
        foreach (var known in before)
        {
            if (known.Class == name)
            {
                _classLabels.Reuse();
                return known with { Nats = nats, Shares = null };
            }
        }

        return new Contribution(name, nats, [new("class", name), .. LiveVsReference], _classLabels.Issue());
    }

    /// <summary>What is known of a series over a window. Immutable.</summary>
    internal sealed record Numbers(JudgedReport Judged, ImmutableArray<Contribution> Contributions)
    {
        public DriftReport Report => Judged.Report;
    }

    /// <summary>What one class adds to KL(live‖reference), with its labels and its share of both distributions; null otherwise.</summary>
    internal readonly record struct Contribution(
        string Class, double Nats, Tags Labels, long LabelNumber, (double Live, double Reference)? Shares = null);
}
