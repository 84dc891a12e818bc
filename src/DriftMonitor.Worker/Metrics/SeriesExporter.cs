using DriftMonitor.Worker.State;
using OpenTelemetry.Metrics;

namespace DriftMonitor.Worker.Metrics;

/// <summary>Exports the instruments whose label sets come and go, for as long as there is room for new ones.</summary>
/// <remarks>The room is for the label sets in use when it is made, whatever their numbers are, and as many new ones again.</remarks>
internal sealed class SeriesExporter : IDisposable
{
    private const int LeastRoom = 2_000;

    private readonly Dictionary<LabelSets, long> _lastThatFits = [];
    private readonly TextExporter _exporter;

    public SeriesExporter(Instruments instruments, IServiceProvider services)
    {
        var rooms = new Dictionary<LabelSets, int>();
        foreach (var kind in instruments.LabelKinds)
        {
            var (issued, alive) = (kind.Issued, kind.Alive);
            var free = Math.Max(alive, LeastRoom);
            _lastThatFits.Add(kind, issued + free);
            rooms.Add(kind, checked((int)(alive + free)));
        }

        _exporter = new TextExporter(
            meters => meters.AddMeter(instruments.Meter.Name),
            services,
            instrument => instrument.Meter == instruments.Meter && instruments.LabelsOf(instrument) is { } labels
                ? new MetricStreamConfiguration { CardinalityLimit = rooms[labels.Labels] * labels.PointsEach }
                : MetricStreamConfiguration.Drop);
    }

    public bool HasRoom => _lastThatFits.All(kind => kind.Key.Issued <= kind.Value);

    /// <summary>Shows the label sets there are now, as far as they fit.</summary>
    public void ShowWhatFits()
    {
        foreach (var (kind, last) in _lastThatFits)
        {
            kind.ShowUpTo(Math.Min(kind.Issued, last));
        }
    }

    /// <inheritdoc cref="TextExporter.WriteTo"/>
    public Task WriteTo(Stream body, IServiceProvider services) => _exporter.WriteTo(body, services);

    public void Dispose() => _exporter.Dispose();
}
