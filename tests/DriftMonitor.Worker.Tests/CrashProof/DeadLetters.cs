using System.Globalization;
using System.Text;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>Which records a dead-letter topic holds copies of: source partition and offset → their bytes.</summary>
/// <remarks>A record may stand there twice after a crash, but one that counts in a pane never, and none may be missing.</remarks>
internal sealed class DeadLetters
{
    private readonly SortedDictionary<string, string> _letters = new(StringComparer.Ordinal);

    public int Records { get; private set; }

    public static string KeyOf(int partition, long offset) => string.Create(CultureInfo.InvariantCulture, $"{partition} @ {offset:D10}");

    public static string ValueOf(byte[] value) => Encoding.UTF8.GetString(value);

    public void Add(ConsumeResult<Ignore, byte[]> record)
    {
        lock (_letters)
        {
            Records++;
            _letters[KeyOf((int)Header(record, "driftmonitor.partition"), Header(record, "driftmonitor.offset"))] = ValueOf(
                record.Message.Value);
        }
    }

    public SortedDictionary<string, string> Letters()
    {
        lock (_letters)
        {
            return new SortedDictionary<string, string>(_letters, StringComparer.Ordinal);
        }
    }

    private static long Header(ConsumeResult<Ignore, byte[]> record, string name) =>
        long.Parse(Encoding.UTF8.GetString(record.Message.Headers.GetLastBytes(name)), CultureInfo.InvariantCulture);
}
