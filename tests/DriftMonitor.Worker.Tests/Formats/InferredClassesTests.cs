using System.Text;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class InferredClassesTests
{
    [Theory]
    [InlineData(PredictionDecoder.MaxInferredClasses, RejectionReason.None)]
    [InlineData(PredictionDecoder.MaxInferredClasses + 1, RejectionReason.TooManyClasses)]
    public void A_payload_may_fix_only_so_many_classes(int classes, RejectionReason reason)
    {
        var models = new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true);
        var record = new PredictionRecord();
        var logits = string.Join(',', Enumerable.Repeat("0", classes));
        new PredictionDecoder(models, new PredictionDecoderSettings()).Decode(
            Encoding.UTF8.GetBytes($$"""{"model":"m","logits":[{{logits}}]}"""), modelOfTopic: null, recordKey: default, record);
        Assert.Equal(reason, record.Rejection);
        Assert.Equal(reason == RejectionReason.None ? 1 : 0, models.Count);
    }
}
