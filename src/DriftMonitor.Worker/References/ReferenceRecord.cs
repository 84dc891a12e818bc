using System.IO.Compression;
using Confluent.Kafka;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Wire.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.References;

/// <summary>A record of the references topic: one version of a model's reference, or that it is deleted.</summary>
/// <param name="Key">Model and version, <c>fraud/3</c>: the record's key, by which the topic is compacted.</param>
/// <param name="Content">The snapshot's file, gzip; null for one that is deleted or cannot be read.</param>
internal sealed record ReferenceRecord(string Key, byte[]? Content)
{
    /// <summary>The most bytes of a record's content: the rest of what our topics take is for key and framing.</summary>
    public const int MaxBytes = KafkaClients.MaxMessageBytes - (16 * 1024);

    private const int Format = 1;

    /// <summary>The model, empty when the key names none.</summary>
    public string Model { get; private init; } = "";

    public int Version { get; private init; }

    /// <summary>Who pushed it, and when; null where that is not known.</summary>
    public DoneBy? Pushed { get; init; }

    /// <summary>Who took it back, and when; null for one that may be used.</summary>
    public DoneBy? Undone { get; init; }

    /// <summary>Why it is no snapshot, as far as can be said without reading that; null for nothing.</summary>
    public string? Problem { get; private init; }

    /// <summary>Why it cannot be pushed, null if it can.</summary>
    public string? TooLarge => Content is not { Length: > MaxBytes and var length } ? null : string.Create(
        CultureInfo.InvariantCulture,
        $"it has {length / 1024.0 / 1024:0.00} MiB compressed, and may have {MaxBytes / 1024.0 / 1024:0.00} in the topic: build it from "
        + $"less time or fewer segments, or put it into References:Directory of every replica");

    public bool IsDeleted => Content is null && Problem is null;

    /// <param name="content">The file of the snapshot.</param>
    public static ReferenceRecord Create(ReferenceSnapshot snapshot, byte[] content)
    {
        using var zipped = new MemoryStream();
        using (var gzip = new GZipStream(zipped, CompressionLevel.Optimal))
        {
            gzip.Write(content);
        }

        return Named(FormattableString.Invariant($"{snapshot.Model}/{snapshot.Version}"), zipped.ToArray());
    }

    /// <summary>Reads a record; what is wrong with it is its <see cref="Problem"/>.</summary>
    public static ReferenceRecord Read(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, bool isNull)
    {
        var named = Named(Encoding.UTF8.GetString(key), null);
        if (isNull)
        {
            return named;
        }

        if (named.Model.Length == 0)
        {
            return named with { Problem = $"its key '{named.Key}' is not MODEL/VERSION" };
        }

        try
        {
            var read = PushedReference.Parser.ParseFrom(value);
            return read.Format != Format
                ? named with { Problem = $"its format is {read.Format}, not {Format}: a newer version wrote it" }
                : named with
                {
                    Content = read.File.ToByteArray(),
                    Pushed = read.HasPushedMs ? new DoneBy(read.PushedBy, read.PushedMs) : null,
                    Undone = read.HasUndoneMs ? new DoneBy(read.UndoneBy, read.UndoneMs) : null,
                };
        }
        catch (InvalidProtocolBufferException)
        {
            return named with { Problem = "it is no record of a reference" };
        }
    }

    /// <summary>The record that deletes this one.</summary>
    public ReferenceRecord Deleted() => Named(Key, null);

    public Message<byte[], byte[]> ToMessage() => new() { Key = Encoding.UTF8.GetBytes(Key), Value = Value()! };

    /// <summary>The record's value; null deletes.</summary>
    public byte[]? Value()
    {
        if (Content is null)
        {
            return null;
        }

        var value = new PushedReference { Format = Format, File = UnsafeByteOperations.UnsafeWrap(Content) };
        if (Pushed is { } pushed)
        {
            (value.PushedBy, value.PushedMs) = (pushed.By, pushed.AtMs);
        }

        if (Undone is { } undone)
        {
            (value.UndoneBy, value.UndoneMs) = (undone.By, undone.AtMs);
        }

        return value.ToByteArray();
    }

    /// <param name="place">The record, to be named.</param>
    /// <param name="now">What the snapshot may not be dated a day ahead of.</param>
    /// <exception cref="InvalidReferenceException">It is no usable snapshot, or another one than its key says.</exception>
    public ReferenceSnapshot Parse(string place, DateTimeOffset now)
    {
        try
        {
            using var gzip = new GZipStream(
                new MemoryStream(Content ?? throw new ArgumentException(Problem ?? "it is deleted")), CompressionMode.Decompress);
            var snapshot = ReferenceFile.Parse(place, ReferenceFile.ReadBytes(gzip), now);
            return snapshot.Model == Model && snapshot.Version == Version ? snapshot : throw new ArgumentException(
                $"its key is '{Key}', and its snapshot {snapshot.Model} version {snapshot.Version}");
        }
        catch (Exception problem) when (problem is ArgumentException or IOException or InvalidDataException)
        {
            throw new InvalidReferenceException(place, problem);
        }
    }

    private static ReferenceRecord Named(string key, byte[]? content)
    {
        var end = Math.Max(0, key.LastIndexOf('/'));
        var model = key.Remove(end);
        return JsonNames.IsLabel(model)
            && int.TryParse(key.AsSpan(end + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                ? new ReferenceRecord(key, content) { Model = model, Version = version }
                : new ReferenceRecord(key, content);
    }
}
