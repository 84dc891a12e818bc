using DriftMonitor.Worker.Views;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Views;

/// <summary>What the page of the monitor shows of its settings: those of the monitor that are given, and no secret.</summary>
public sealed class EffectiveSettingsTests
{
    [Fact]
    public void Settings_that_are_given_are_shown_in_order_without_secrets()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Windows:Spans"] = "5m/10s",
            ["Kafka:BootstrapServers"] = "kafka:9092",
            ["Kafka:Client:sasl.password"] = "a-password",
            ["Kafka:GroupId"] = "known-secret-within",
            ["Http:Tokens:0:File"] = "/run/secrets/token",
            ["Urls"] = "http://user:a-password@0.0.0.0:9464",
            ["Kafka:PanesTopic"] = "",
            ["PATH"] = "/usr/bin",
            ["Elsewhere:Password"] = "a-password",
        }).Build();

        var settings = EffectiveSettings.Of(
            configuration, text => text.Replace("known-secret", "***", StringComparison.Ordinal), changes: true);

        Assert.True(settings.Changes);
        Assert.Equal(
            [
                new("Http:Tokens:0:File", "/run/secrets/token"), new("Kafka:BootstrapServers", "kafka:9092"),
                new("Kafka:Client:sasl.password", "***"), new("Kafka:GroupId", "***-within"), new("Urls", "http://***@0.0.0.0:9464"),
                new SettingItem("Windows:Spans", "5m/10s"),
            ],
            settings.All);
    }
}
