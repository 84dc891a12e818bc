using System.Globalization;
using System.Text;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Benchmarks;

/// <summary>A form that a prediction's JSON can have.</summary>
public enum PayloadForm
{
    /// <summary>Ten probabilities of eight decimals: 177 bytes.</summary>
    TenClasses,

    /// <summary>The same with a segment.</summary>
    Segment,

    /// <summary>The same with the names of the classes.</summary>
    ByName,

    /// <summary>Ten unnormalised scores.</summary>
    Logits,

    /// <summary>The most probable class only.</summary>
    Label,

    /// <summary>A thousand probabilities of eight decimals: 11 kB.</summary>
    ThousandClasses,
}

/// <summary>The predictions of the digits demo, written anew in each form.</summary>
internal static class Payloads
{
    /// <summary>The first event's time, epoch milliseconds; one comes every millisecond.</summary>
    public const long StartMs = 1_767_225_600_000;

    public const string Model = "digits-lr";

    private const int Different = 4_096;

    public static byte[][] Of(PayloadForm form, int count)
    {
        var predictions = DigitsPredictions();
        if (form == PayloadForm.ThousandClasses)
        {
            predictions = [
                .. predictions.Chunk(100)
                    .Where(hundred => hundred.Length == 100)
                    .Select(hundred => hundred.SelectMany(p => p).Select(p => p / 100).ToArray())];
        }

        var different = predictions.Select((probabilities, i) => Encoding.UTF8.GetBytes(
            $$"""{"model":"{{Model}}","id":"p{{i:D8}}","ts":{{StartMs + i}},{{Output(form, i, probabilities)}}}""")).ToArray();
        return [.. Enumerable.Range(0, count).Select(i => different[i % different.Length])];
    }

    /// <summary>What the demo's model put out for each of some thousand images: ten probabilities.</summary>
    public static double[][] DigitsPredictions()
    {
        var file = Path.Combine(AppContext.BaseDirectory, "Demo", "digits", "predictions.jsonl");
        var decoder = new PredictionDecoder(new WatchedModels(1, 0, acceptUnknown: true), new PredictionDecoderSettings());
        var record = new PredictionRecord();
        return [.. File.ReadLines(file).Take(Different).Select(line =>
        {
            decoder.Decode(Encoding.UTF8.GetBytes(line), null, [], record);
            return record.Probabilities[..^1].ToArray();
        })];
    }

    private static string Output(PayloadForm form, int i, double[] probabilities) => form switch
    {
        PayloadForm.Segment => $"\"segment\":\"camera={i % 3}\",\"probs\":[{Numbers(probabilities)}]",
        PayloadForm.ByName => $"\"probs\":{{{string.Join(',', probabilities.Select((p, k) => $"\"{k}\":{Number(p)}"))}}}",
        PayloadForm.Logits => $"\"logits\":[{Numbers(probabilities.Select(p => Math.Log(p + 1e-6)))}]",
        PayloadForm.Label => $"\"label\":\"{Array.IndexOf(probabilities, probabilities.Max())}\"",
        _ => $"\"probs\":[{Numbers(probabilities)}]",
    };

    private static string Numbers(IEnumerable<double> values) => string.Join(',', values.Select(Number));

    private static string Number(double value) => value.ToString("F8", CultureInfo.InvariantCulture);
}
