using System.Reactive.Linq;
using DriftMonitor.Evaluation;
using DriftMonitor.Panes;
using DriftMonitor.Windows;

namespace DriftMonitor.Tests;

/// <summary>What a test wants to know of what a stage has to say.</summary>
internal static class StageEvents
{
    public static IObservable<LiveWindow> Windows(
        this IObservable<StageEvent> stage, Action<RegisterRefusal, long>? onRefused = null, Action<Settlement>? onSettled = null) =>
        stage.Do(said =>
        {
            if (said is RefusedEvents refused)
            {
                onRefused?.Invoke(refused.Reason, refused.Events);
            }
            else if (said is PanesSettled settled)
            {
                onSettled?.Invoke(settled.Settlement);
            }
        }).OfType<LiveWindow>();

    public static IObservable<DriftReport> Reports(this IObservable<StageEvent> stage) => stage.OfType<DriftReport>();
}
