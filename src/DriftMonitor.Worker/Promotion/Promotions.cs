using System.Collections.Concurrent;
using System.Reactive.Disposables;
using Confluent.Kafka;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Logs;
using DriftMonitor.Worker.References;
using DriftMonitor.Worker.State;

namespace DriftMonitor.Worker.Promotion;

/// <summary>Builds and takes back references for who asks over HTTP, one at a time. Thread-safe.</summary>
/// <remarks>
/// Building reads the topic of predictions again, on a thread of low priority; nothing that runs is touched. What was built is remembered
/// until the next one of the model, or the next start. One that is asked for again after that is built again, and not pushed again.
/// </remarks>
internal sealed class Promotions(MonitorSettings settings, UsedReferences used, TimeProvider time, ILogger<Promotions> log)
{
    private readonly ConcurrentDictionary<string, PromotionView> _latest = new(StringComparer.Ordinal);
    private readonly Lock _starting = new();
    private readonly SemaphoreSlim _writing = new(1); // what is read of the topic must still be so when it is written

    /// <summary>The last one of a model; null for none.</summary>
    public PromotionView? Latest(string model) => _latest.GetValueOrDefault(model);

    /// <summary>Begins to build a reference. The same that is being built, or is in use, is not built again.</summary>
    /// <param name="request">Of what time.</param>
    /// <param name="by">Who asks for it.</param>
    /// <returns>How far it is; null where another one is being built.</returns>
    /// <exception cref="InvalidConfigurationException">It is not clear which topic the model is in.</exception>
    public PromotionView? Start(string model, PromotionRequest request, string by)
    {
        var (fromMs, toMs, isTrial) = request;
        var range = $"{TimeText.Utc(fromMs)} to {TimeText.Utc(toMs)}";
        lock (_starting)
        {
            if (Latest(model) is { } latest && (latest.FromMs, latest.ToMs, latest.IsTrial) == (fromMs, toMs, isTrial)
                && (latest.State == PromotionState.Running || IsInUse(latest)))
            {
                return latest;
            }

            if (_latest.Values.Any(other => other.State == PromotionState.Running))
            {
                return null;
            }

            var promotion = new LivePromotion(settings, model, fromMs, toMs, topic: null);
            var begun = _latest[model] = new PromotionView(
                model, PromotionState.Running, fromMs, toMs, isTrial, by, NowMs, null, null, null, [], null);
            log.PromotionAsked(DisplayText.Of(model), range, isTrial ? "a trial was" : "a promotion was", DisplayText.Of(by));
            new Thread(() => _latest[model] = Run(promotion, begun))
            {
                IsBackground = true,
                Name = "promotion",
                Priority = ThreadPriority.BelowNormal,
            }.Start();
            return begun;
        }
    }

    /// <summary>
    /// Takes a version of a model's reference back, so that the one before is in use again. A second time changes nothing.
    /// </summary>
    /// <returns>What is in use now, in words; null where the version is not the latest one of those that are not undone.</returns>
    /// <exception cref="KafkaException">The brokers cannot be reached, or do not take it.</exception>
    public async Task<string?> UndoAsync(string model, int version, string by)
    {
        using var alone = await AloneAsync();
        var topic = await Task.Run(() => PushedTopic.Read(settings, time, model));
        if (topic.References.Of(model).Any(pushed => pushed.Record is { Undone: not null } record && record.Version == version))
        {
            return topic.TextOfUse(model);
        }

        if (topic.Latest(model)?.Record.Version != version || await topic.UndoAsync(model, by) is not var (_, undone))
        {
            return null;
        }

        log.ReferenceUndone(DisplayText.Of(model), version, DisplayText.Of(by));
        return topic.WarningAfter(undone) is { } warning ? $"{topic.TextOfUse(model)}; {warning}" : topic.TextOfUse(model);
    }

    private bool IsInUse(PromotionView built) => built is { State: PromotionState.Done, IsTrial: false }
        && used.ByModel.GetValueOrDefault(built.Model)?.Snapshot is { } snapshot
        && (snapshot.Id, snapshot.Version) == (built.Id, built.Version);

    private async Task<IDisposable> AloneAsync()
    {
        await _writing.WaitAsync();
        return Disposable.Create(() => _writing.Release());
    }

    private long NowMs => time.GetUtcNow().ToUnixTimeMilliseconds();

    private PromotionView Run(LivePromotion promotion, PromotionView begun)
    {
        try
        {
            var topic = PushedTopic.Read(settings, time, begun.Model);
            var told = new List<string>();
            var result = promotion.Build(topic, time.GetUtcNow(), records => records, told.Add);
            if ((result.Counts.Problem ?? result.LabelCounts.Problem) is { } rejects)
            {
                return Failed(rejects);
            }

            var snapshot = result.Snapshots.Single();
            var record = LivePromotion.Record(snapshot); // of a trial, too: it may be too large for one
            if (!begun.IsTrial)
            {
                using var alone = AloneAsync().GetAwaiter().GetResult();
                topic = PushedTopic.Read(settings, time, begun.Model);
                (snapshot, var place) = promotion.PushAsync(snapshot, record, topic, begun.By).GetAwaiter().GetResult();
                if (place is null)
                {
                    told.Add("it is in use already, so nothing was pushed");
                }
                else
                {
                    log.ReferencePromoted(ReferenceText.Of(snapshot), place, DisplayText.Of(begun.By));
                }
            }

            return begun with
            {
                State = PromotionState.Done,
                EndedMs = NowMs,
                Version = snapshot.Version,
                Id = snapshot.Id,
                Lines = [ReferenceText.Of(snapshot), .. told, .. promotion.Lines(result)],
            };
        }
        catch (InvalidConfigurationException problem)
        {
            return Failed(string.Join("; ", problem.Problems));
        }
        catch (Exception problem) // whatever it is, it costs this one and nothing else
        {
            return Failed(settings.Client.Secrets.Hide(ErrorText.Of(problem)));
        }

        PromotionView Failed(string problem)
        {
            log.PromotionFailed(DisplayText.Of(begun.Model), DisplayText.Of(problem));
            return begun with { State = PromotionState.Failed, EndedMs = NowMs, Problem = problem };
        }
    }
}
