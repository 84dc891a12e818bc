using System.Text.Json;
using Confluent.Kafka;
using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Sources;
using DriftMonitor.Worker.Tests.Sources;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>
/// What one record may cost, whatever its bytes: one exception (the JSON reader's own, where it is no JSON; the protobuf parser's, which
/// has another inside), memory in proportion to its length, and at most 20 times what a bare reader needs to go over the same bytes. Of
/// records that are made to be expensive, in every format.
/// </summary>
[Collection(nameof(RunsAlone))]
public sealed class DecodingCostTests(ITestOutputHelper output)
{
    private const int Short = 20_000;
    private const int Long = 10 * Short;
    private const int MostTimesTheReader = 20;
    private const int MostExceptions = 1;
    private const int MostBytesAByte = 100; // of memory a byte of the record
    private const int MostBytesARecord = 100_000;

    /// <summary>The decoders, each with what they are called in a failure.</summary>
    private static (string Name, Action<byte[]> Decode)[] Decoders(bool json)
    {
        var models = new WatchedModels(maxModels: 10, maxSegmentsPerModel: 10, acceptUnknown: true);
        models.Add("m").Fix(new ModelClasses(ClassSpace.Create(["a", "b", "c", "d"]), ModelClasses.Configured));
        var settings = new PredictionDecoderSettings { MaxBytes = 100 * 1024 * 1024 };
        var feedback = new FeedbackJsonDecoder(new PredictionDecoder(models, settings), settings, null);
        var (chat, buffers) = (new ChatCompletion(settings.SumTolerance), new PredictionBuffers());
        return json
            ? [
                With("json"), With("kserve-v2"), With("kserve-v2/p"), With("cloudevents+json"), With("cloudevents+kserve-v2"),
                Of("map", """{"Map":{"probs":"/probs","id":"/id","segment":"/extra"}}"""),
                Of("rows", """{"Rows":"/probs","Map":{"probability":"","model":"^/model"}}"""),
                Of("record of rows", """{"Rows":"^","Map":{"label":"/label"}}"""),
                Of("text", """{"Map":{"probs":"/model//p","id":"/id//"}}"""),
                Of("rows of text", """{"Rows":"/probs","Map":{"probs":"/0//"},"Model":"m"}"""), Of("filter", """{"Only":{"/extra":"x"}}"""),
                Of("connect", """{"Frame":"connect"}"""),
                Of("string", """{"Frame":"string"}"""), Of("kserve-v1", """{"Format":"kserve-v1"}"""),
                ("feedback", bytes => feedback.Decode(bytes, default)), ("chat", Chat)]
            : [With("protobuf")];

        void Chat(byte[] bytes)
        {
            var parsed = new ParsedPrediction();
            chat.Read(bytes, buffers, ref parsed);
        }

        (string Name, Action<byte[]> Decode) With(string format) => Of(format, $$"""{"Format":"{{format}}"}""");

        (string Name, Action<byte[]> Decode) Of(string format, string source)
        {
            var reader = new PredictionReader(
                SourceDescriptions.Source(source), new PredictionDecoder(models, settings), settings.MaxBytes,
                problem => Assert.Fail(problem.ToString()));
            var headers = new Headers();
            return (format, bytes => reader.Begin(bytes, isNull: false, headers, default));
        }
    }

    [Fact]
    public void A_record_costs_one_exception_at_most_and_memory_by_its_length()
    {
        var faults = new List<string>();
        foreach (var length in new[] { Short, Long })
        {
            Measure(HostileRecords.Json(length), Decoders(json: true));
            Measure(HostileRecords.Protobuf(length), Decoders(json: false));
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));

        void Measure(IEnumerable<(string Name, byte[] Bytes)> records, (string Name, Action<byte[]> Decode)[] decoders)
        {
            foreach (var (name, bytes) in records)
            {
                foreach (var (decoder, decode) in decoders)
                {
                    var (exceptions, allocated) = CostOf(() => decode(bytes));
                    if (exceptions > (decoder is "protobuf" or "text" ? 2 * MostExceptions : MostExceptions)
                        || allocated > MostBytesARecord + ((long)MostBytesAByte * bytes.Length))
                    {
                        faults.Add($"{decoder}, {bytes.Length} bytes of {name}: {exceptions} exceptions, {allocated} bytes");
                    }
                }
            }
        }
    }

    /// <remarks>The fastest of several runs of either, in turn, so that a busy machine slows both: a ratio, not a time.</remarks>
    [Fact]
    public void A_record_costs_at_most_twenty_times_the_bare_reader()
    {
        var faults = new List<string>();
        foreach (var (name, utf8) in HostileRecords.Json(Long))
        {
            foreach (var (decoder, decode) in Decoders(json: true))
            {
                var ratio = TimesTheReader(utf8, decode);
                output.WriteLine($"{ratio,6:F1}  {decoder,-22} {name[..Math.Min(name.Length, 90)]}");
                if (ratio > MostTimesTheReader)
                {
                    faults.Add($"{decoder}, {name}: {ratio:F1} times the bare reader");
                }
            }
        }

        Assert.True(faults.Count == 0, string.Join('\n', faults));
    }

    private static double TimesTheReader(byte[] utf8, Action<byte[]> decode)
    {
        const int LeastRuns = 2, MostRuns = 2_000; // enough for the runtime to have compiled well whatever it runs often
        var (bare, decoded) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var run = 0; run < LeastRuns || (run < MostRuns && decoded > bare * MostTimesTheReader); run++)
        {
            bare = Least(bare, () =>
            {
                ReadBare(utf8);
                ReadBare("{"u8); // the one exception of a record; what is inside an envelope may have it, and then the bare reader has none
            });
            decoded = Least(decoded, () => decode(utf8));
        }

        return decoded / bare;

        static TimeSpan Least(TimeSpan least, Action action)
        {
            var started = TimeProvider.System.GetTimestamp();
            action();
            var took = TimeProvider.System.GetElapsedTime(started);
            return took < least ? took : least;
        }
    }

    private static void ReadBare(ReadOnlySpan<byte> utf8)
    {
        var reader = new Utf8JsonReader(utf8);
        try
        {
            while (reader.Read())
            {
            }
        }
        catch (JsonException)
        {
            // as far as it goes
        }
    }

    private static (int Exceptions, long Allocated) CostOf(Action action)
    {
        var (thread, exceptions) = (Environment.CurrentManagedThreadId, 0);
        void Count(object? sender, System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs thrown) =>
            exceptions += Environment.CurrentManagedThreadId == thread ? 1 : 0;

        AppDomain.CurrentDomain.FirstChanceException += Count;
        try
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            return (exceptions, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        catch (Exception problem)
        {
            return (int.MaxValue, problem.Message.Length); // not even caught
        }
        finally
        {
            AppDomain.CurrentDomain.FirstChanceException -= Count;
        }
    }
}
