using System.CommandLine;
using DriftMonitor.Worker.Commands.Run;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.State;
using DriftMonitor.Worker.Topics;

namespace DriftMonitor.Worker.Commands.Alarms;

/// <summary><c>alarm test</c>: sends a test alarm the whole way, from the owner of its model to the people who would be paged.</summary>
internal static class AlarmTestCommand
{
    private static readonly TimeSpan Usual = TimeSpan.FromMinutes(5);

    public static Command Create(CommandConsole console, TimeProvider time)
    {
        var model = new Argument<string>("model") { Description = "The model whose alarms are tested." };
        var severity = new Option<string>("--severity")
        {
            Description = "The severity that is tested: critical, or warning.",
            DefaultValueFactory = _ => "critical",
        };
        severity.AcceptOnlyFromAmong("critical", "warning");
        var lasts = Arguments.Duration("--for", "How long the test alarm is on, at most 1h. Default: 5m.");
        var service = new ServiceFile("brokers, topics and owners");
        var command = new Command(
            "test",
            "Have the monitor raise a test alarm of a model: the alert ModelAlarmTest, which goes where the model's own alarms go and says "
            + "that nothing is wrong. Brokers and topics are taken from the service's settings. Settings can also be given on the command "
            + "line, as with driftmonitor run: --Kafka:BootstrapServers=…")
        {
            TreatUnmatchedTokensAsErrors = false,
        };
        command.Add(model);
        command.Add(severity);
        command.Add(lasts);
        command.Add(service.Option);
        command.SetAction((parsed, _) => console.TellFaultsAsync(async () =>
        {
            // What is no option of ours is taken for an argument: a setting that is given before the model stands in its place.
            var words = parsed.UnmatchedTokens.Prepend(parsed.GetValue(model) ?? "").ToLookup(
                word => word.StartsWith("--", StringComparison.Ordinal));
            var nowMs = time.GetUtcNow().ToUnixTimeMilliseconds();
            var length = parsed.GetValue(lasts) ?? Usual;
            var test = new AlarmTest(
                words[false].FirstOrDefault(""),
                parsed.GetValue(severity) == "warning" ? AlarmSeverity.Warning : AlarmSeverity.Critical,
                nowMs,
                nowMs + (long)length.TotalMilliseconds);
            string[] problems =
                [.. Problems(test, length), .. GivenSettings.Read([.. words[true], .. words[false].Skip(1)]).Problems];
            if (problems.Length > 0)
            {
                throw new InvalidConfigurationException(problems);
            }

            var settings = service.ReadAlways(parsed, [.. words[true]]);
            Tell(console, settings, test, $"{await AlarmTestWriter.WriteAsync(settings, test)}");
            return 0;
        }));
        return command;
    }

    private static IEnumerable<string> Problems(AlarmTest test, TimeSpan length)
    {
        if (!JsonNames.IsLabel(test.Model))
        {
            yield return $"model = '{test.Model}': must be {ModelOptions.NameAllowed}";
        }

        if (length > AlarmTest.Longest)
        {
            yield return "--for: must be at most 1h";
        }
    }

    private static void Tell(CommandConsole console, MonitorSettings settings, AlarmTest test, string place)
    {
        var (model, severity) = (DisplayText.Of(test.Model), SnakeCaseName.Of(test.Severity));
        var pagedAs = SnakeCaseName.Of(settings.Owners.PagedAs(test.Model, test.Severity));
        var team = settings.Owners.Of(test.Model).Team is { Length: > 0 } known ? $"team {DisplayText.Of(known)}" : "the model's team";
        var url = settings.Http.PublicUrl ?? "http://MONITOR:9464";
        console.Say(
            $"""
            {model}: a {severity} test alarm is on until {TimeText.Utc(test.UntilMs)}; nothing is wrong.
              written: {DisplayText.Of(place)} on {settings.Client.BootstrapServers}
              within seconds: the replica that owns the model exports driftmonitor_alarm_test at {url}/metrics
              then: Prometheus fires ModelAlarmTest, severity {pagedAs}, test="true", on its page /alerts
              then: Alertmanager notifies {team} as it would for a {pagedAs} alarm, after group_wait (2m as shipped), not in quiet hours
              end: the test alarm ends by itself; Prometheus resolves the alert 5 minutes later
            If no notification comes, check these places in this order: the alert was lost after the last one that shows it.
            See /runbooks/ModelAlarmTest.
            """);
    }
}
