using System.Text.RegularExpressions;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>
/// A compose file with what docker-compose.yml says of every replica, but on the network of the host and with no service beside them.
/// </summary>
internal static partial class ReplicasFile
{
    /// <summary>One service <c>reference</c>, and <c>monitor-1</c> and so on at these addresses.</summary>
    public static string Text(string bootstrapServers, IReadOnlyList<string> addresses)
    {
        var text = File.ReadAllText(Path.Combine(RepositoryFiles.Root, "docker-compose.yml"));
        var shared = Networked().Replace(text[..text.IndexOf("services:", StringComparison.Ordinal)], "");
        var replicas = addresses.Select((address, i) =>
            $"""
              monitor-{i + 1}:
                <<: *replica
                network_mode: host
                environment:
                  <<: *settings
                  Kafka__BootstrapServers: {bootstrapServers}
                  Kafka__Client__group.instance.id: monitor-{i + 1}
                  Urls: {address}

            """);
        return $"""
            {shared}services:
              reference:
                <<: *monitor
                network_mode: host
                {Build().Match(text).Value}
                volumes:
                  - references:/app/references
            {string.Concat(replicas)}volumes:
              references:

            """;
    }

    /// <summary>A replica's networks, and the services that it waits for.</summary>
    [GeneratedRegex(@"^  (networks|depends_on):\n(    .*\n)+", RegexOptions.Multiline)]
    private static partial Regex Networked();

    [GeneratedRegex(@"command: \[reference, .*\]")]
    private static partial Regex Build();
}
