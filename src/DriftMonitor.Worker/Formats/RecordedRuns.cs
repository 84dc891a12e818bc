using System.Reactive.Disposables;
using System.Reactive.Linq;

namespace DriftMonitor.Worker.Formats;

/// <summary>Recorded predictions and labels as observables. Each subscription reads them all from the beginning, then ends.</summary>
internal static class RecordedRuns
{
    /// <summary>Models without a cap that matters, in the class spaces of their references.</summary>
    public static WatchedModels Models(ReferenceSet references)
    {
        var models = new WatchedModels(maxModels: 100_000, maxSegmentsPerModel: 100_000, acceptUnknown: true);
        foreach (var snapshot in references.ByModel.Values)
        {
            models.Add(snapshot.Model).Fix(snapshot.Classes);
        }

        return models;
    }

    /// <summary>The predictions, each with its offset; the own time of a line in a file stands for its record's.</summary>
    /// <param name="models">The models, whose classes the references or the first predictions fix.</param>
    /// <param name="model">The model of records that name none, null when all do.</param>
    /// <param name="onProgress">Called now and then with how much has been read.</param>
    public static IObservable<PredictionRecord> Decode(
        this IRecordedPredictions recorded, WatchedModels models, string? model,
        Action<long>? onProgress = null) => Observable.Create<PredictionRecord>(observer =>
    {
        var decoder = new PredictionDecoder(models, new PredictionDecoderSettings());
        var record = new PredictionRecord();
        var offset = 0L;
        recorded.Read(
            read =>
            {
                decoder.Decode(read.Value, read.Format, read.Headers, model, read.Key, record);
                record.Offset = offset++;
                if (record.Rejection == RejectionReason.None)
                {
                    if ((read.TimeMs ?? record.PayloadTimeMs) is { } timeMs)
                    {
                        record.RecordTimeMs = timeMs;
                    }
                    else
                    {
                        record.Reject(RejectionReason.InvalidTimestamp);
                    }
                }

                observer.OnNext(record);
            },
            onProgress ?? (_ => { }));
        observer.OnCompleted();
        return Disposable.Empty;
    });

    /// <summary>The labels of a file, one a line, each with its offset; one without a time is rejected.</summary>
    /// <param name="models">The models that the predictions were decoded for.</param>
    /// <param name="model">The model of lines that name none, null when all do.</param>
    public static IObservable<FeedbackRecord> Labels(string path, WatchedModels models, string? model) => Observable.Create<FeedbackRecord>(
        observer =>
    {
        var settings = new PredictionDecoderSettings();
        var decoder = new FeedbackJsonDecoder(new PredictionDecoder(models, settings), settings, model);
        JsonLines.Read(path, (line, offset, _) =>
        {
            var label = decoder.Decode(line, default);
            if (label is { Rejection: RejectionReason.None, PayloadTimeMs: null })
            {
                label = FeedbackRecord.Rejected(RejectionReason.InvalidTimestamp);
            }

            observer.OnNext(label.At(offset, 0));
        });
        observer.OnCompleted();
        return Disposable.Empty;
    });
}
