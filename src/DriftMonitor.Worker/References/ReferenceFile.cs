using System.Text.Json.Serialization;

namespace DriftMonitor.Worker.References;

/// <summary>A snapshot as a plain JSON file, so that it can live in git or a ConfigMap. Sums are integers in units of 2⁻³².</summary>
internal static class ReferenceFile
{
    /// <summary>The most bytes of a snapshot: about twice those of the largest that is built, of 20 million masses in its blocks.</summary>
    public const int MaxBytes = 512 * 1024 * 1024;

    /// <summary>What is said of a larger one.</summary>
    public static readonly string TooLarge = $"it has more than {MaxBytes >> 20} MiB, the most that a snapshot may have";

    private const string Format = "driftmonitor-reference/1";

    private static readonly DateTimeOffset Earliest = new(2000, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly JsonSerializerOptions AnyParts = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private static readonly JsonSerializerOptions Json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        RespectRequiredConstructorParameters = true,
        RespectNullableAnnotations = true,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new ExactDoubleConverter() },
    };

    /// <summary>How far clocks may differ. A snapshot dated further ahead would keep later ones' classes out until its day came.</summary>
    private static readonly TimeSpan AllowedAhead = TimeSpan.FromDays(1);

    public static void Write(ReferenceSnapshot snapshot, string path)
    {
        // Written beside and moved, so that whoever follows the directory never reads half a file.
        var unfinished = path + ".unfinished";
        using (var stream = File.Create(unfinished))
        {
            Write(snapshot, stream);
        }

        File.Move(unfinished, path, overwrite: true);
    }

    /// <summary>Writes what a file has.</summary>
    public static void Write(ReferenceSnapshot snapshot, Stream stream)
    {
        var document = new Document(
            Format,
            snapshot.Id,
            snapshot.Model,
            snapshot.Version,
            snapshot.CreatedAt,
            [.. snapshot.ClassSpace.Names],
            snapshot.Segments.OrderBy(segment => segment.Key, StringComparer.Ordinal).ToDictionary(
                segment => segment.Key,
                segment => (Sums?)new Sums(segment.Value.Events, segment.Value.Sums.MassOfAll(), segment.Value.Sums.SquaresOfAll())),
            [.. snapshot.Blocks.Select(block => new Block(block.StartMs, block.Events, [.. block.Mass]))],
            snapshot.Bins is { } bins ? [.. bins.Edges] : null,
            snapshot.Losses is { } losses ? BaselineJson.Of(losses) : null,
            snapshot.Policies.Count == 0 ? null : snapshot.Policies.OrderBy(policy => policy.Key).ToDictionary(
                policy => BaselineJson.NameOf(policy.Key), policy => (BaselineJson?)BaselineJson.Of(policy.Value)),
            snapshot.Errors is { } errors ? BaselineJson.Of(errors) : null,
            snapshot.Entropies is { } entropies ? BaselineJson.Of(entropies) : null);
        JsonSerializer.Serialize(stream, document, Json);
    }

    /// <exception cref="InvalidReferenceException">The file is no snapshot, or was edited by hand: it says what is wrong where.</exception>
    public static ReferenceSnapshot Read(string path)
    {
        try
        {
            return Parse(path, ReadBytes(path));
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            throw new InvalidReferenceException(path, problem);
        }
    }

    /// <summary>The content of a file, which may be a pipe.</summary>
    /// <exception cref="IOException">It cannot be read, or is larger than a snapshot may be.</exception>
    public static byte[] ReadBytes(string path)
    {
        using var file = File.OpenRead(path);
        var length = file.CanSeek ? file.Length : 0; // nothing is known of a pipe, nor of a device
        if (length > MaxBytes)
        {
            throw new IOException(TooLarge);
        }

        if (length > 0)
        {
            var whole = new byte[length]; // a buffer that grows would hold it three times
            var read = file.ReadAtLeast(whole, whole.Length, throwOnEndOfStream: false);
            return read == whole.Length ? whole : whole[..read];
        }

        return ReadBytes(file);
    }

    /// <summary>All of a stream.</summary>
    /// <exception cref="IOException">It cannot be read, or has more than a snapshot may have.</exception>
    public static byte[] ReadBytes(Stream stream)
    {
        using var content = new MemoryStream();
        var part = new byte[64 * 1024];
        for (int read; (read = stream.Read(part)) > 0;)
        {
            content.Write(part, 0, read);
            if (content.Length > MaxBytes)
            {
                throw new IOException(TooLarge);
            }
        }

        return content.ToArray();
    }

    /// <param name="path">The file, to be named.</param>
    /// <param name="utf8">Its content.</param>
    /// <param name="now">What it may not be dated a day ahead of, null for any date.</param>
    /// <exception cref="InvalidReferenceException">As <see cref="Read"/>.</exception>
    public static ReferenceSnapshot Parse(string path, byte[] utf8, DateTimeOffset? now = null)
    {
        try
        {
            var snapshot = Parse(utf8);
            return snapshot.CreatedAt - now > AllowedAhead
                ? throw new ArgumentException($"created_at {snapshot.CreatedAt:O} lies more than a day ahead")
                : snapshot;
        }
        catch (Exception problem) when (problem is JsonException or ArgumentException)
        {
            throw new InvalidReferenceException(path, problem);
        }
    }

    /// <summary>Whether a file begins as a snapshot does, rather than as a line of predictions.</summary>
    public static bool IsSnapshot(string path)
    {
        Span<byte> start = stackalloc byte[256];
        using var file = File.OpenRead(path);
        return start[..file.ReadAtLeast(start, start.Length, throwOnEndOfStream: false)].IndexOf("driftmonitor-reference/"u8) >= 0;
    }

    private static ReferenceSnapshot Parse(byte[] utf8)
    {
        // The format first: what another version or another program wrote may have parts that are not known here.
        var format = JsonSerializer.Deserialize<Beginning>(utf8, AnyParts)?.Format;
        if (format != Format)
        {
            throw new ArgumentException($"not a snapshot: its format is '{format}', not {Format}");
        }

        var document = JsonSerializer.Deserialize<Document>(utf8, Json)!;
        if (document.CreatedAt < Earliest)
        {
            // Of two class spaces the one made later is used, so the date matters.
            throw new ArgumentException($"created_at {document.CreatedAt:O} is before the year 2000");
        }

        if (document.Segments.Keys.Append(document.Model).FirstOrDefault(name => name.Any(DisplayText.IsUnsafe)) is { } unsafeName)
        {
            throw new ArgumentException(
                $"'{unsafeName}' must not be the name of a model or a segment: it has a control character, or one that changes the text "
                + "direction");
        }

        ScoreBins? bins = null;
        if (document.ScoreEdges is { } edges && !ScoreBins.TryCreate(edges, out bins, out var problem))
        {
            throw new ArgumentException($"score_edges: {problem}");
        }

        if (bins is null && document.Classes is [var only])
        {
            throw new ArgumentException(
                $"classes: '{only}' is the only one; an output of one class is always 1 and cannot drift: build it again from predictions "
                + "over two classes or more");
        }

        var snapshot = new ReferenceSnapshot(
            document.Model,
            document.Version,
            document.CreatedAt,
            ClassSpace.Create(document.Classes),
            document.Segments.ToDictionary(
                segment => segment.Key,
                segment => segment.Value is { } sums
                    ? new PaneSums(sums.Events, sums.Mass, sums.Squares)
                    : throw new ArgumentException($"segment {segment.Key} is null")),
            [
                .. document.Blocks.Select(block => block ?? throw new ArgumentException("a block is null")).Select(
                    block => new ReferenceBlock(block.StartMs, block.Events, [.. block.Mass]))],
            bins,
            document.Losses?.ToBaseline("losses"),
            document.Policies?.ToDictionary(
                policy => BaselineJson.EstimateOf(policy.Key),
                policy =>
                    policy.Value?.ToBaseline($"policies.{policy.Key}") ?? throw new ArgumentException($"policies.{policy.Key} is null")),
            document.Errors?.ToBaseline("errors"),
            document.Entropies?.ToBaseline("entropies"));
        return snapshot.Id == document.Id
            ? snapshot
            : throw new ArgumentException(
                $"id {document.Id}: the content's id is {snapshot.Id}, so the file was changed after it was made");
    }

    private sealed record Beginning(string? Format);

    private sealed record Document(
        string Format,
        string Id,
        string Model,
        int Version,
        DateTimeOffset CreatedAt,
        string[] Classes,
        Dictionary<string, Sums?> Segments,
        Block?[] Blocks,
        double[]? ScoreEdges = null,
        BaselineJson? Losses = null,
        Dictionary<string, BaselineJson?>? Policies = null,
        BaselineJson? Errors = null,
        BaselineJson? Entropies = null);

    private sealed record Sums(long Events, ulong[] Mass, ulong[] Squares);

    private sealed record Block(long StartMs, long Events, ulong[] Mass);
}
