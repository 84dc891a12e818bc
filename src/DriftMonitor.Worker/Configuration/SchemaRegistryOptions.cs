using Confluent.SchemaRegistry;
using DriftMonitor.Worker.Kafka;
using FluentValidation;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote of a source's schema registry.</summary>
internal sealed class SchemaRegistryOptions
{
    /// <summary>Where it answers, several addresses separated by commas; empty for none.</summary>
    public string Url { get; set; } = "";

    /// <summary>
    /// Any property of Confluent's client, without <c>schema.registry.</c>: <c>basic.auth.user.info</c>, <c>ssl.ca.location</c>.
    /// </summary>
    public Dictionary<string, string> Client { get; set; } = [];

    /// <summary>The client's properties.</summary>
    internal ImmutableSortedDictionary<string, string> Properties() => Client
        .Select(property => KeyValuePair.Create($"{SchemaRegistrySettings.Prefix}{property.Key}", property.Value))
        .Append(KeyValuePair.Create($"{SchemaRegistrySettings.Prefix}url", Url))
        .ToImmutableSortedDictionary(StringComparer.Ordinal);

    internal sealed class Validator : AbstractValidator<SchemaRegistryOptions>
    {
        public Validator(Secrets secrets)
        {
            RuleFor(registry => registry.Url).MustBe(
                url => url.Split(',', StringSplitOptions.TrimEntries).All(
                    one =>
                        Uri.TryCreate(one, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.UserInfo.Length == 0),
                "http://host:port or https://host:port, several separated by commas (user and password: Client:basic.auth.user.info)");
            RuleFor(registry => registry).Custom((registry, context) =>
            {
                if (registry.Client.ContainsKey("url"))
                {
                    context.Problem("Client:url", null, "must be left out: it is the setting Url");
                    return;
                }

                try
                {
                    new CachedSchemaRegistryClient(registry.Properties()).Dispose();
                }
                catch (Exception problem) when (problem is ArgumentException or InvalidOperationException or FormatException or IOException
                    or System.Security.Cryptography.CryptographicException)
                {
                    context.Problem("Client", null, secrets.Hide(ErrorText.Of(problem)));
                }
            }).When(registry => registry.Url.Length > 0);
        }
    }
}
