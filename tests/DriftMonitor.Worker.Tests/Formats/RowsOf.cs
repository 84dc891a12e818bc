using System.Globalization;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>The rows of a response, each checked as the decoder checks it and written as text.</summary>
internal static class RowsOf
{
    /// <summary>
    /// Rows as <c>model id form value value</c>, or the reason why there are none; a class's name stands before its value.
    /// </summary>
    public static string[] Response(RejectionReason begun, TensorRows rows)
    {
        if (begun != RejectionReason.None)
        {
            return [begun.ToString()];
        }

        var (buffers, all) = (new PredictionBuffers(), new List<string>());
        var output = new PredictionOutput(buffers, Simplex.DefaultTolerance);
        var parsed = new ParsedPrediction();
        while (rows.TryNext(buffers, ref parsed, out var problem))
        {
            problem = problem != RejectionReason.None || parsed.Form is PredictionField.Label or PredictionField.Score
                ? problem
                : output.Check(parsed.Form, null);
            all.Add(problem != RejectionReason.None
                ? problem.ToString()
                : $"{System.Text.Encoding.UTF8.GetString(parsed.Model)} {parsed.Id} {parsed.Form} {Text(buffers.Output)}");
        }

        Assert.Equal(rows.Count, all.Count);
        return [.. all];
    }

    private static string Text(OutputValues output) => output.Named
        ? string.Join(' ', output.ByName().Select(named => named.Key + "=" + Text(named.Value)))
        : string.Join(' ', output.Values.ToArray().Select(Text));

    private static string Text(double value) => Math.Round(value, 6).ToString("R", CultureInfo.InvariantCulture);
}
