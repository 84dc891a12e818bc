#pragma warning disable
using System.Text;
using System.Text.Json;
using DriftMonitor.Distributions;
using DriftMonitor.Events;
namespace DriftMonitor.Worker.Messages;
internal sealed record DecoderSettings(double SumTolerance = 1e-3, int MaxBytes = 1 << 20);
internal sealed class PredictionJsonDecoder(WatchedModels models, DecoderSettings settings)
{
    public void Decode(ReadOnlySpan<byte> utf8, string? modelOfTopic, ReadOnlySpan<byte> recordKey, PredictionRecord record)
    {
        _ = settings;
        try
        {
            using var d = JsonDocument.Parse(utf8.ToArray());
            var name = d.RootElement.TryGetProperty("model", out var m) ? m.GetString() : modelOfTopic ?? Encoding.UTF8.GetString(recordKey);
            var model = models.Admit(name, out var r);
            if (model is null) { record.Reject(r); return; }
            var probs = d.RootElement.GetProperty("probs").EnumerateArray().Select(x => x.GetDouble()).ToArray();
            var classes = model.Classes ?? model.Fix(new ModelClasses(ClassSpace.Indexed(probs.Length), 0));
            var cells = record.Begin(model, classes);
            probs.CopyTo(cells);
            if (d.RootElement.TryGetProperty("ts", out var ts)) { record.PayloadTimeMs = ts.GetInt64(); }
            Simplex.Normalise(cells[..probs.Length]);
        }
        catch (Exception) { record.Reject(RejectionReason.Malformed); }
    }
}
