using System.Net;
using Confluent.SchemaRegistry;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Sources;

/// <summary>The schemas of a Confluent schema registry, by their ids. Each is asked for once. Not safe for concurrent use.</summary>
/// <remarks>
/// An id that the registry does not know is asked for again after a while, since a producer may register it later than it was heard of
/// (replicas of a registry lag). So long records with it are rejected.
/// </remarks>
internal sealed class SchemaRegistry : IDisposable
{
    /// <summary>How long an unknown id is taken to be unknown.</summary>
    public static readonly TimeSpan UnknownFor = TimeSpan.FromSeconds(30);

    private const int MaxReferences = 100;
    private const int MaxUnknown = 10_000;

    /// <summary>So long after it has not answered it is not asked again: each time takes seconds, and many partitions may ask.</summary>
    private static readonly TimeSpan BetweenFailures = TimeSpan.FromSeconds(1);

    private readonly SchemaRegistrySettings _settings;
    private readonly CachedSchemaRegistryClient _client;
    private readonly TimeProvider _time;
    private readonly Dictionary<int, RegistrySchema> _schemas = [];
    private readonly Dictionary<int, long> _unknown = [];
    private (SchemaRegistryUnavailable Problem, long At)? _failed;

    public SchemaRegistry(SchemaRegistrySettings settings, TimeProvider time)
    {
        var all = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["schema.registry.max.retries"] = "1", // the partition is paused and asks again; 0 is a fault of the client's
            ["schema.registry.request.timeout.ms"] = "2000",
        };
        foreach (var (name, value) in settings.Client)
        {
            all[name] = value;
        }

        (_settings, _client, _time) = (settings, new CachedSchemaRegistryClient(all), time);
    }

    /// <summary>The schema of an id; null when the registry does not know it, or has one that is not valid.</summary>
    /// <exception cref="SchemaRegistryUnavailable">The registry does not tell.</exception>
    public RegistrySchema? Find(int id)
    {
        if (_schemas.TryGetValue(id, out var known))
        {
            return known;
        }

        if (_unknown.TryGetValue(id, out var since) && _time.GetElapsedTime(since) < UnknownFor)
        {
            return null;
        }

        var schema = Ask(() => _client.GetSchemaAsync(id)) is { } text ? Read(text) : null;
        if (schema is not null)
        {
            _unknown.Remove(id);
            return _schemas[id] = schema;
        }

        if (_unknown.Count >= MaxUnknown)
        {
            _unknown.Clear();
        }

        _unknown[id] = _time.GetTimestamp();
        return null;
    }

    public void Dispose() => _client.Dispose();

    private RegistrySchema? Read(Schema schema)
    {
        if (schema.SchemaType != SchemaType.Avro)
        {
            return new RegistrySchema(null, schema.SchemaType == SchemaType.Json);
        }

        var references = new List<string>();
        return TryAddReferences(schema, references, []) && AvroNode.Parse(schema.SchemaString, references) is { } avro
            ? new RegistrySchema(avro, false)
            : null;
    }

    /// <summary>Adds the schemas that another one uses, each behind those that it uses itself.</summary>
    private bool TryAddReferences(Schema schema, List<string> references, HashSet<(string Subject, int Version)> seen)
    {
        foreach (var reference in schema.References ?? [])
        {
            if (!seen.Add((reference.Subject, reference.Version)))
            {
                continue;
            }

            if (seen.Count > MaxReferences
                || Ask(() => _client.GetRegisteredSchemaAsync(reference.Subject, reference.Version)) is not { } found
                || !TryAddReferences(found.Schema, references, seen))
            {
                return false;
            }

            references.Add(found.SchemaString);
        }

        return true;
    }

    /// <summary>Whether it is the request that it does not take, now and later; else it may answer another time.</summary>
    private static bool IsRefusal(HttpStatusCode status) => (int)status is >= 400 and < 500 && status is not (
        HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden or HttpStatusCode.NotFound or HttpStatusCode.RequestTimeout
            or HttpStatusCode.TooManyRequests);

    private T? Ask<T>(Func<Task<T>> request)
        where T : class
    {
        if (_failed is { } failed && _time.GetElapsedTime(failed.At) < BetweenFailures)
        {
            throw failed.Problem;
        }

        try
        {
            _failed = null;
            return request().GetAwaiter().GetResult();
        }
        catch (SchemaRegistryException problem) when (problem.Status == HttpStatusCode.NotFound && problem.ErrorCode != (int)problem.Status)
        {
            return null; // 40401 to 40403: the registry's own word for it, not a proxy's
        }
        catch (SchemaRegistryException problem) when (IsRefusal(problem.Status))
        {
            return null;
        }
        catch (Exception problem) when (problem is not OutOfMemoryException)
        {
            var message =
                $"the schema registry {_settings.Url} does not answer: {_settings.Secrets.Hide(problem.GetBaseException().Message)}";
            _failed = (new SchemaRegistryUnavailable(message), _time.GetTimestamp());
            throw _failed.Value.Problem;
        }
    }
}
