using System.Reactive.Disposables;
using System.Reactive.Linq;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

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
    /// <param name="how">How they are read.</param>
    /// <param name="models">The models, whose classes the references or the first predictions fix.</param>
    /// <param name="counts">Counts what becomes of them, null for nobody.</param>
    /// <param name="onProgress">Called now and then with how much has been read.</param>
    public static IObservable<PredictionRecord> Decode(
        this IRecordedPredictions recorded, RecordedSource how, WatchedModels models, RecordCounts? counts = null,
        Action<long>? onProgress = null) => Observable.Create<PredictionRecord>(observer =>
    {
        var reader = new PredictionReader(how.Source, new PredictionDecoder(models, how.Limits), how.Limits.MaxBytes);
        var offset = 0L;
        recorded.Read(
            read =>
            {
                reader.Begin(read.Value, read.IsNull, read.Headers, read.Key);
                while (reader.TryNext())
                {
                    var record = reader.Record;
                    record.Offset = offset;
                    if (record.Rejection == RejectionReason.None && !record.IsIgnored)
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

                    counts?.Count(
                        record.Rejection, record.IsIgnored, reader.Undeclared, reader.Where ?? reader.PlaceOf(record.Rejection), read);
                    observer.OnNext(record);
                }

                offset++;
            },
            onProgress ?? (_ => { }));
        observer.OnCompleted();
        return Disposable.Empty;
    });

    /// <summary>The labels, each with its offset; one of a file that has no time is rejected.</summary>
    /// <param name="how">How they are read.</param>
    /// <param name="models">The models that the predictions were decoded for.</param>
    /// <param name="counts">Counts what becomes of them, null for nobody.</param>
    public static IObservable<FeedbackRecord> Labels(
        this IRecordedPredictions recorded, RecordedSource how, WatchedModels models,
        RecordCounts? counts = null) => Observable.Create<FeedbackRecord>(observer =>
    {
        var decoder = new FeedbackJsonDecoder(
            new PredictionDecoder(models, how.Limits), how.Limits, how.Source.Model, how.Source.Format.Times);
        var reader = new LabelReader(how.Source, decoder, how.Limits.MaxBytes);
        var offset = 0L;
        recorded.Read(
            read =>
            {
                foreach (var decoded in reader.Read(read.Value, read.IsNull, read.Headers, read.Key))
                {
                    var label = read.TimeMs is null && decoded is { Rejection: RejectionReason.None, IsIgnored: false, PayloadTimeMs: null }
                        ? FeedbackRecord.Rejected(RejectionReason.InvalidTimestamp) with { Row = decoded.Row }
                        : decoded;
                    counts?.Count(label.Rejection, label.IsIgnored, reader.Undeclared, reader.PlaceOf(label.Rejection), read);
                    observer.OnNext(label.At(offset, read.TimeMs ?? 0));
                }

                offset++;
            },
            _ => { });
        observer.OnCompleted();
        return Disposable.Empty;
    });
}
