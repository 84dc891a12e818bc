using DriftMonitor.Worker.Sources;
using Spectre.Console;

namespace DriftMonitor.Worker.Commands;

/// <summary>How far the reading of recorded predictions has come, on standard error and only where somebody can see it.</summary>
internal static class ReadingProgress
{
    /// <summary>Reads them, and shows how much has been read; on no screen when nobody can see it.</summary>
    public static void Shown(IAnsiConsole? screen, IRecordedPredictions predictions, Action<Action<long>> read)
    {
        if (screen is null)
        {
            read(_ => { });
            return;
        }

        screen.Progress().AutoClear(true).Start(progress =>
        {
            var task = progress.AddTask(MarkupText.Of(predictions.Name), maxValue: Math.Max(1, predictions.Length));
            task.IsIndeterminate = predictions.Length == 0;
            read(done => task.Value = done);
        });
    }
}
