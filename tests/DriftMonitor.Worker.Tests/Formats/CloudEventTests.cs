using System.Text;
using System.Text.Json;
using CloudNative.CloudEvents;
using CloudNative.CloudEvents.SystemTextJson;
using CsCheck;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;
using OurEvent = DriftMonitor.Worker.Formats.CloudEvent;
using TheirEvent = CloudNative.CloudEvents.CloudEvent;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>
/// Our reader of CloudEvents against the CNCF's library: what that writes ours reads alike, and what it refuses because of a side field
/// ours reads without the field. (The library throws on such an event, and makes a tree of each: that is why ours exists.)
/// </summary>
public sealed class CloudEventTests
{
    private static readonly JsonEventFormatter Formatter = new();

    private static readonly string[] Letters = ["a", "B", "9", "-", ".", "/", "é", "😀", "\"", "\\", " "];

    private static readonly Gen<string> Word = Gen.Int[0, 10].Select(i => Letters[i]).Array[1, 12].Select(string.Concat);

    private static readonly Gen<TheirEvent> Event = Gen.Select(
        Word, Word,
        Gen.Long[978_307_200_000, 4_070_908_800_000].Select(DateTimeOffset.FromUnixTimeMilliseconds),
        Gen.Bool, Gen.Double[-1, 1].Array[0, 5]).Select((id, model, time, binary, numbers) =>
    {
        var written = new TheirEvent([CloudEventAttribute.CreateExtension("inferenceservicename", CloudEventAttributeType.String)])
        {
            Id = id,
            Type = "org.kubeflow.serving.inference.response",
            Source = new Uri("http://host/", UriKind.Absolute),
            Time = time,
            ["inferenceservicename"] = model,
            DataContentType = binary ? "application/octet-stream" : "application/json",
        };
        written.Data = binary ? JsonSerializer.SerializeToUtf8Bytes(new { predictions = numbers })
            : JsonSerializer.SerializeToElement(new { predictions = numbers });
        return written;
    });

    [Fact]
    public void What_the_library_writes_is_read_alike() => Event.Sample(
        written =>
        {
            var ours = new OurEvent();
            var reason = ours.Read(Formatter.EncodeStructuredModeMessage(written, out _).Span, headers: null, new PredictionBuffers());

            Assert.Equal(RejectionReason.None, reason);
            Assert.Equal(written.Id, new string(ours.Id));
            Assert.Equal((string)written["inferenceservicename"]!, Encoding.UTF8.GetString(ours.Model));
            Assert.Equal(written.Time!.Value.ToUnixTimeMilliseconds(), ours.TimeMs);
            Assert.Equal(
                written.Data is byte[] bytes ? Encoding.UTF8.GetString(bytes) : ((JsonElement)written.Data!).GetRawText(),
                Encoding.UTF8.GetString(ours.Data));
        },
        iter: 2_000);

    [Theory]
    [InlineData("""{"specversion":"1.0","id":"7","type":"t","source":"/s","time":"yesterday","data":[0.5,0.5]}""")]
    [InlineData("""{"specversion":"1.0","id":"7","type":"t","data":[0.5,0.5]}""")] // without a source
    [InlineData("""{"specversion":"1.0","id":"7","type":"t","source":"/s","Team":"risk","data":[0.5,0.5]}""")] // capitals in a name
    public void What_the_library_refuses_for_a_side_field_is_read(string text)
    {
        Assert.ThrowsAny<Exception>(() => Formatter.DecodeStructuredModeMessage(Encoding.UTF8.GetBytes(text), null, null));

        var ours = new OurEvent();
        Assert.Equal(RejectionReason.None, ours.Read(Encoding.UTF8.GetBytes(text), headers: null, new PredictionBuffers()));
        Assert.Equal(("7", "[0.5,0.5]"), (new string(ours.Id), Encoding.UTF8.GetString(ours.Data)));
    }
}
