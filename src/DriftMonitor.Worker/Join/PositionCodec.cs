using DriftMonitor.Worker.Join.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Join;

/// <summary>How far both logs have been read, as bytes on disk and back.</summary>
internal static class PositionCodec
{
    public static byte[] Encode(FeedbackPosition position) => new StoredPosition
    {
        PredictionsNext = position.PredictionsNext,
        FeedbackNext = position.FeedbackNext,
        PredictionsClockMs = position.PredictionsClockMs,
        FeedbackClockMs = position.FeedbackClockMs,
        PredictionsFromMs = position.PredictionsFromMs,
        PredictionsLostBeforeMs = position.PredictionsLostBeforeMs,
        LabelsLostBeforeMs = position.LabelsLostBeforeMs,
        PredictionsStampMs = position.PredictionsStampMs,
        LabelsStampMs = position.LabelsStampMs,
        PredictionsEpoch = position.PredictionsEpoch ?? "",
        LabelsEpoch = position.LabelsEpoch ?? "",
        ReadBefore = position.ReadBefore,
    }.ToByteArray();

    public static FeedbackPosition Decode(byte[] bytes)
    {
        var stored = StoredPosition.Parser.ParseFrom(bytes);
        return new FeedbackPosition(
            stored.PredictionsNext, stored.FeedbackNext, stored.PredictionsClockMs, stored.FeedbackClockMs, stored.PredictionsFromMs)
        {
            PredictionsLostBeforeMs = stored.PredictionsLostBeforeMs,
            LabelsLostBeforeMs = stored.LabelsLostBeforeMs,
            PredictionsStampMs = stored.PredictionsStampMs,
            LabelsStampMs = stored.LabelsStampMs,
            PredictionsEpoch = stored.PredictionsEpoch.Length == 0 ? null : stored.PredictionsEpoch,
            LabelsEpoch = stored.LabelsEpoch.Length == 0 ? null : stored.LabelsEpoch,
            ReadBefore = stored.ReadBefore,
        };
    }
}
