using System.Text;
using System.Text.RegularExpressions;
using DriftMonitor.Alarms;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using Microsoft.Extensions.Configuration;

namespace DriftMonitor.Worker.Tests.Configuration;

public sealed class ConfigurationReaderTests
{
    [Fact]
    public void Defaults_need_only_the_brokers()
    {
        var settings = Read();
        Assert.Equal(["5m", "1h", "24h"], settings.Plan.Windows.Select(window => window.Name));
        Assert.Equal(10_000, settings.Plan.BasePaneMs);
        Assert.Equal("predictions", Assert.Single(settings.Predictions).Key);
        Assert.Equal((1.0, 100L), (settings.Evaluation.PseudoEvents, settings.Evaluation.MinimumEvents));
    }

    [Fact]
    public void The_shipped_file_is_valid_as_it_is()
    {
        var settings = ConfigurationReader.Read(
            new ConfigurationBuilder().AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json")).Build());
        Assert.Equal("localhost:9092", settings.Client.BootstrapServers);
    }

    [Fact]
    public void The_command_line_goes_before_the_environment_and_that_before_the_file()
    {
        // As the host puts them together; __ stands for : where a shell does not allow it.
        var settings = ConfigurationReader.Read(new ConfigurationBuilder()
            .AddInMemoryCollection([new("Kafka:BootstrapServers", "file:1"), new("Kafka:GroupId", "file"), new("Limits:Models", "1")])
            .Add(new Variables(("Kafka__GroupId", "variable"), ("kafka__client__sasl.mechanism", "PLAIN"), ("LIMITS__MODELS", "2")))
            .AddCommandLine(["--Limits:Models=3", "--windows:spans", "1m/1m"])
            .Build());
        Assert.Equal(("file:1", "variable", 3), (settings.Client.BootstrapServers, settings.GroupId, settings.MaxModels));
        Assert.Equal("PLAIN", settings.Client.Properties["sasl.mechanism"]);
        Assert.Equal("1m", Assert.Single(settings.Plan.Windows).Name);
        Assert.Equal(60_000, settings.Plan.BasePaneMs);
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("https://monitor.example/", "https://monitor.example")]
    [InlineData("HTTP://Monitor.Example:8080/drift/", "http://monitor.example:8080/drift")]
    public void Where_people_reach_the_monitor_is_an_address_that_names_are_put_behind(string written, string? url) =>
        Assert.Equal(url, Read(("Http:PublicUrl", written)).Http.PublicUrl);

    [Fact]
    public void The_window_before_is_kept_unless_that_is_turned_off()
    {
        Assert.True(Read().Plan.Trailing);
        Assert.False(Read(("Divergence:Trailing", "false")).Plan.Trailing);
    }

    [Theory]
    [InlineData("Alarms:Budget:Warning", "1 per 7d", true, true)]
    [InlineData("Models:0:KlCriticalNats", "0.2", true, false)]
    [InlineData("Models:0:Budget:Critical", "1 per 30d", true, false)]
    [InlineData("Models:0:PolicyKlCriticalNats", "0.2", false, false)]
    public void Windows_come_with_their_panes_where_drift_is_watched(string key, string value, bool ofFraud, bool ofOthers)
    {
        var plan = (
            key.StartsWith("Models", StringComparison.Ordinal)
                ? Read(
                    ("Alarms:KlWarningNats", "0"), ("Alarms:KlCriticalNats", "0"), ("Alarms:Budget:Warning", "none"),
                    ("Alarms:Budget:Critical", "none"), ("Models:0:Name", "fraud"), (key, value))
                : Read((key, value))).Plan;
        Assert.Equal((ofFraud, ofOthers), (plan.WithPanes.Contains("fraud"), plan.WithPanes.Contains("digits")));
    }

    [Fact]
    public void Patterns_of_names_are_those_of_their_models_in_their_order()
    {
        var names = Read(
            ("Models:0:Name", "fraud"), ("Models:0:Match", "fraud-(?<version>.+)"), ("Models:1:Name", "any"),
            ("Models:1:Match", ".+-(?<version>.+)")).Limits.Names;
        Assert.Equal(("fraud", "version=eu-7"), (names.Map("fraud-eu-7").Model, names.Map("fraud-eu-7").Version));
        Assert.Equal(("any", "version=7"), (names.Map("search-7").Model, names.Map("search-7").Version));
    }

    [Fact]
    public void A_model_may_have_an_owner()
    {
        var owners = Read(
            ("Models:0:Name", "fraud"), ("Models:0:Owner", "Ann"), ("Models:0:Team", "risk"), ("Models:0:QuietHours", "nights"),
            ("Models:0:Runbook", "https://wiki.example/fraud?v=1#drift"), ("Models:0:MaxSeverity", "warning"),
            ("Models:1:Name", "search"), ("Models:1:KlWarningNats", "0.1")).Owners;
        Assert.Equal(
            KeyValuePair.Create(
                "fraud", new ModelOwner("Ann", "risk", "https://wiki.example/fraud?v=1#drift", "nights", AlarmSeverity.Warning)),
            Assert.Single(owners.ByModel));
        Assert.Equal(
            (AlarmSeverity.Warning, AlarmSeverity.Critical),
            (owners.PagedAs("fraud", AlarmSeverity.Critical), owners.PagedAs("search", AlarmSeverity.Critical)));
        Assert.Equal(AlarmSeverity.Warning, owners.PagedAs("search", AlarmSeverity.Warning));
    }

    [Fact]
    public void A_model_may_have_thresholds_of_its_own()
    {
        var thresholds = Read(
            ("Alarms:Budget:Critical", "none"), ("Alarms:Budget:Warning", "none"), ("Alarms:KlWarningNats", "0.25"),
            ("Alarms:KlCriticalNats", "0.5"),
            ("Models:0:Name", "fraud"),
            ("Models:0:KlCriticalNats", "0"), ("Models:0:CrossEntropyWarningNats", "1.5")).Alarms;
        Assert.Equal(new ConfiguredThresholds(new(0.25, 0.5), default, default), thresholds.Of("digits"));
        Assert.Equal(new ConfiguredThresholds(new(0.25, null), new(1.5, null), default), thresholds.Of("fraud"));
    }

    [Fact]
    public void A_threshold_that_there_is_not_is_told()
    {
        Assert.Equal(
            "Models:0:KlWarning: there is no such setting; did you mean Models:0:KlWarningNats?",
            Assert.Single(Problems(("Models:0:Name", "m"), ("Models:0:KlWarning", "1"))));
        Assert.Contains("Models:0 must be a section", Problems(("Models:0", "1"))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Kafka:BootstrapServers", "", "host:port")]
    [InlineData("Kafka:GroupId", " ", "consumer group")]
    [InlineData("Kafka:PredictionTopics", "a,a", "topic a may appear only once")]
    [InlineData("Kafka:PredictionTopics", "a=m, b, a", "topic a may appear only once")]
    [InlineData("Kafka:PredictionTopics", "a=", "'a=' must be TOPIC or TOPIC=MODEL")]
    [InlineData("Kafka:PredictionTopics", "a=\u0007", "control character")]
    [InlineData("Kafka:PredictionTopics", " , ", "at least one topic")]
    [InlineData(
        "Kafka:PredictionTopics", "driftmonitor.panes", "topic driftmonitor.panes is Kafka:PredictionTopics and also Kafka:PanesTopic")]
    [InlineData("Kafka:PredictionTopics", "a\u202e=m", "must be TOPIC or TOPIC=MODEL")]
    [InlineData("Kafka:PredictionTopics", "a=m\u202e", "change the text direction")]
    [InlineData("DeadLetter:Topic", "predictions", "topic predictions is Kafka:PredictionTopics and also DeadLetter:Topic")]
    [InlineData("DeadLetter:Topic", "driftmonitor.panes.rollups", "the rollups topic of Kafka:PanesTopic and also DeadLetter:Topic")]
    [InlineData(
        "DeadLetter:Topic", "driftmonitor.panes.feedback", "the feedback panes topic of Kafka:PanesTopic and also DeadLetter:Topic")]
    [InlineData("Feedback:Topic", "driftmonitor.panes.feedback", "the feedback panes topic of Kafka:PanesTopic and also Feedback:Topic")]
    [InlineData("Feedback:Topic", "predictions", "topic predictions is Kafka:PredictionTopics and also Feedback:Topic")]
    [InlineData("Kafka:PanesTopic", "no/slashes", "letters, digits")]
    [InlineData("Kafka:PanesTopic", "..", "letters, digits")]
    [InlineData("Kafka:PanesPartitions", "0", "1 to 1000")]
    [InlineData("Kafka:PanesPartitions", "many", "a whole number")]
    [InlineData("Kafka:PanesPartitions", "1.5", "a whole number")]
    [InlineData("Kafka:PanesPartitions", "99999999999", "a whole number")]
    [InlineData("Kafka:PanesPartitions", "", "a whole number")]
    [InlineData("Kafka:StartFrom", "middle", "earliest or latest")]
    [InlineData("Alarms:KlWarningNats", "-0.1", "must be a number of nats that is finite and 0 or more")]
    [InlineData("Alarms:KlCriticalNats", "NaN", "finite")]
    [InlineData("Alarms:KlCriticalNats", "0.01", "at least the warning's 0.05")]
    [InlineData("Alarms:PolicyKlWarningNats", "much", "a number")]
    [InlineData("Alarms:SilentAfter", "0m", "a whole number of ms, s, m, h or d, up to 36500d, such as 10s")]
    [InlineData("Alarms:SilentAfter", "soon", "a whole number of ms, s, m, h or d, up to 36500d, such as 10s")]
    [InlineData("Alarms:TrafficFactor", "0.5", "more than 1, such as 2, or 0 for none")]
    [InlineData("Alarms:TrafficFactor", "-2", "more than 1, such as 2, or 0 for none")]
    [InlineData("Alarms:TrafficFactor", "NaN", "more than 1, such as 2, or 0 for none")]
    [InlineData("Models:0:KlWarningNats", "0.2", "at least the warning's 0.2")]
    [InlineData("Windows:Spans", "5m", "5m/10s")]
    [InlineData("Windows:Spans", " , ", "at least one length/slide")]
    [InlineData("Windows:Spans", "5m/10s, 1h/15s", "multiple of the smallest slide")]
    [InlineData("Windows:Spans", "5m/10s, 5m/30s", "appears twice")]
    [InlineData("Windows:Spans", "24h/10s", "1 to 360 times")]
    [InlineData("Windows:AllowedLateness", "soon", "such as 10s")]
    [InlineData("Windows:AllowedLateness", "-1s", "such as 10s")]
    [InlineData("Windows:AllowedLateness", "1000000000d", "up to 36500d")]
    [InlineData("Windows:AllowedSkew", "0", "such as 10s")]
    [InlineData("Windows:AllowedSkew", "0sms", "such as 10s")]
    [InlineData("Windows:PublishInterval", "0s", "such as 10s")]
    [InlineData("Windows:PublishInterval", "7s", "smallest slide")]
    [InlineData("Limits:SeriesPerPartition", "-1", "1 to")]
    [InlineData("Limits:AcceptUnknownModels", "perhaps", "true or false")]
    [InlineData("Limits:Models", "0", "1 to 1000000")]
    [InlineData("Limits:SumTolerance", "0.5", "at most 0.1")]
    [InlineData("Limits:SumTolerance", "0,001", "must be")]
    [InlineData("Limits:SumTolerance", "NaN", "at most 0.1")]
    [InlineData("Models:0:Classes:0", "__other__", "not allowed")]
    [InlineData("Models:0:Classes:0", "churn", "must be two classes or more")]
    [InlineData("Models:0:Multilabel", "true", "needs Classes: name the classes in Classes, or leave Multilabel out")]
    [InlineData("Models:0:MaxSeverity", "none", "critical or warning")]
    [InlineData("Models:0:Match", "fraud-(.+)", "a group called version, such as fraud-(?<version>.+): it has no such group")]
    [InlineData("Models:0:Match", "fraud-(?<version>.+", "such as fraud-(?<version>.+): Invalid pattern")]
    [InlineData("Models:0:Match", "a)|(?<version>b", "such as fraud-(?<version>.+): Invalid pattern")]
    [InlineData("Models:0:Match", "(?<=fraud-)(?<version>.+)", "such as fraud-(?<version>.+): ")]
    [InlineData("Models:0:Runbook", "wiki/fraud", "an address of http or https")]
    [InlineData("Models:0:Runbook", "https://me:secret@wiki.example", "without a user")]
    [InlineData("Models:0:Owner", "a\u202eb", "change the text direction")]
    [InlineData("Models:0:Team", "a\nb", "without control characters")]
    [InlineData("Models:0:QuietHours", "a\u0007", "without control characters")]
    [InlineData("Kafka:Formats:predictions", "xml", "kserve-v2")]
    [InlineData("Kafka:Formats:others", "json", "there is no such topic in Kafka:PredictionTopics (predictions)")]
    [InlineData("Divergence:PseudoEvents", "-1", "0 to 1000000")]
    [InlineData("Divergence:PseudoEvents", "1e999", "0 to 1000000")]
    [InlineData("Divergence:MinimumEvents", "0", "at least 1")]
    [InlineData("References:Directory", "/no/such/directory", "a directory that exists")]
    [InlineData("References:PollInterval", "5", "such as 10s")]
    [InlineData("References:PollInterval", "60d", "at most 1d")]
    [InlineData("Kafka:Client:security.protocol", "ssh", "Invalid value")]
    [InlineData("Http:PublicUrl", "monitor.example", "an address of http or https")]
    [InlineData("Http:MetricsUrl", "0.0.0.0:9465", "http://host:port, or empty for none")]
    [InlineData("Http:MetricsUrl", "https://0.0.0.0:9465", "http://host:port, or empty for none")]
    [InlineData("Http:PublicUrl", "ftp://monitor.example", "an address of http or https")]
    [InlineData("Http:PublicUrl", "https://monitor.example/?a=b", "without user, query and fragment")]
    [InlineData("Http:PublicUrl", "https://monitor.example/#a", "without user, query and fragment")]
    [InlineData("Http:PublicUrl", "https://a:b@monitor.example", "without user, query and fragment")]
    [InlineData("Urls", "localhost", "http://host:port")]
    [InlineData("Urls", "http://*:99999", "http://host:port")]
    [InlineData("Logging:LogLevel:Default", "Loud", "Information")]
    public void A_wrong_value_is_one_line_with_its_key_and_what_is_allowed(string key, string value, string allowed)
    {
        var problem = Assert.Single(Problems(("Models:0:Name", "digits"), (key, value)));
        Assert.All(
            // who is in an address is never shown
            [.. key.Split(':').Take(2), Regex.Replace(value.Trim(), "[a-z]+:[a-z]+@", "***@"), allowed],
            part => Assert.Contains(part == "1e999" ? "Infinity" : part, problem, StringComparison.Ordinal));
        Assert.DoesNotContain("Parameter", problem, StringComparison.Ordinal); // words of the framework
    }

    [Theory]
    [InlineData("Kafka:Bootstrap", "there is no such setting; did you mean Kafka:BootstrapServers?")]
    [InlineData("Windows:Spam", "there is no such setting; did you mean Windows:Spans?")]
    [InlineData("Windows:Unheard-of", "there is no such setting; there are Spans, AllowedLateness")]
    [InlineData("References:Directory:0", "one value")]
    [InlineData("Windows:Spans:0", "one value")]
    [InlineData("Kafka:Client", "a section with one entry per name: Kafka:Client:NAME")]
    [InlineData("Kafka:Client:sasl.mechanisms:0", "one value")]
    [InlineData("Kafka:Client:enable.auto.offset.store", "must be left out")]
    [InlineData("Kafka:Client:message.max.bytes", "must be left out")]
    [InlineData("Kafka:Client:auto.offset.reset", "must be left out")]
    [InlineData("Kafka:Client:partition.assignment.strategy", "must be left out")]
    [InlineData("Kafka:Client:statistics.interval.ms", "must be left out")]
    [InlineData("Kafka:Client:no.such.property", "No such configuration property")]
    [InlineData("Models", "a list: Models:0, Models:1, …")]
    [InlineData("Models:1:Name", "Models is a list: Models:0, Models:1, … without gaps")]
    [InlineData(
        "Models:Classes:digits:0",
        "is now set for each model in the list Models, such as Models:0:Name=MODEL and Models:0:Classes:0=FIRST")]
    [InlineData("Models:AcceptUnknown", "is now Limits:AcceptUnknownModels")]
    [InlineData("Models:Max", "is now Limits:Models")]
    [InlineData("Models:MaxRecordBytes", "is now Limits:RecordBytes")]
    [InlineData("Models:MaxSegments", "is now Limits:SegmentsPerModel")]
    [InlineData("Models:SumTolerance", "is now Limits:SumTolerance")]
    [InlineData("Windows:MaxSeriesPerPartition", "is now Limits:SeriesPerPartition")]
    [InlineData("Divergence", "must be a section")]
    public void A_setting_that_there_is_not_or_of_another_shape_is_named_and_its_value_is_not_shown(string key, string allowed)
    {
        var problem = Assert.Single(Problems((key, "secret")));
        Assert.StartsWith(string.Join(':', key.Split(':').Take(2)), problem, StringComparison.Ordinal);
        Assert.Contains(allowed, problem, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_model_stands_in_the_list_once_whatever_its_settings() => Assert.Equal(
        "Models:1:Name = 'm': is in the list already: put all settings of the model into one entry",
        Assert.Single(Problems(("Models:0:Name", "m"), ("Models:1:Name", "m"), ("Models:1:KlWarningNats", "0.1"))));

    /// <summary>The environment is full of variables that are not for us.</summary>
    [Fact]
    public void A_section_that_does_not_exist_is_named_with_the_nearest_that_does_unless_it_is_a_variable()
    {
        var json = """{"Kafka":{"BootstrapServers":"b:1"},"Kestrel":{"Limits":{}},"AllowedHosts":"*","Limit":{"Models":"1"}}"""u8.ToArray();
        var problems = Assert.Throws<InvalidConfigurationException>(() => ConfigurationReader.Read(new ConfigurationBuilder()
            .AddJsonStream(new MemoryStream(json))
            .Add(new Variables(("PATH", "/bin"), ("Alarmz__KlWarningNats", "1")))
            .AddCommandLine(["--Urls=http://*:1", "--confg=x.json", "--kafak:GroupId=g"])
            .Build())).Problems;
        Assert.Equal(
            [
                "Limit: there is no such setting; did you mean Limits?",
                "--confg: there is no such setting; did you mean --config? (from the command line)",
                "--kafak: there is no such setting; did you mean --Kafka? (from the command line)",
            ],
            problems);
    }

    /// <summary>Dead letters in the feedback topic would be refused, copied there, and read again.</summary>
    [Fact]
    public void No_topic_is_both_read_and_written_and_all_that_are_is_told_at_once()
    {
        var problems = Problems(
            ("Kafka:PredictionTopics", "p, q"), ("Kafka:PanesTopic", "x"), ("Feedback:Topic", "x.rollups"), ("Feedback:Join", "false"),
            ("DeadLetter:Topic", "q"));
        Assert.Equal(
            [
                "topic q is Kafka:PredictionTopics and also DeadLetter:Topic: each must be a topic of its own",
                "topic x.rollups is the rollups topic of Kafka:PanesTopic and also Feedback:Topic: each must be a topic of its own",
            ],
            problems.Order(StringComparer.Ordinal));
        Assert.Equal(
            "topic labels is Feedback:Topic and also DeadLetter:Topic: each must be a topic of its own",
            Assert.Single(Problems(("Feedback:Topic", "labels"), ("DeadLetter:Topic", "labels"))));
        // names of topics have a case
        Assert.Equal("Predictions", Read(("Feedback:Topic", "Predictions"), ("DeadLetter:Topic", "predictions.rollups")).Feedback!.Topic);
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        string[] keys =
        [
            "Kafka:BootstrapServers", "Kafka:GroupId", "Kafka:PredictionTopics", "Kafka:PanesTopic", "Kafka:PanesPartitions",
            "Kafka:StartFrom",
            "Kafka:Client:no.such", "Kafka:Typo", "Windows:Spans", "Windows:AllowedLateness", "Windows:AllowedSkew",
            "Windows:DisorderSlack",
            "Windows:PublishInterval", "Windows:EvaluationDelay", "Limits:SeriesPerPartition", "Limits:AcceptUnknownModels",
            "Limits:Models",
            "Limits:SegmentsPerModel", "Limits:MemoryCells", "Limits:RecordBytes", "Limits:SumTolerance", "Models:0:Name",
            "Models:0:Classes:0", "Models:0:Multilabel",
            "Divergence:PseudoEvents",
            "Divergence:MinimumEvents", "Divergence:TopClasses", "Divergence:Trailing", "References:Directory", "References:PollInterval",
            "Urls", "Logging:LogLevel:X",
        ];

        var problems = Problems(
            [
                .. keys.Select(
                    key =>
                        (
                            key, key is "Kafka:BootstrapServers" or "Kafka:GroupId" or "Models:0:Name"
                                ? ""
                                : key.Contains("Classes", StringComparison.Ordinal)
                                ? "__other__"
                                : "?"))]);

        Assert.Equal(
            keys.Select(key => key.Replace("Classes:0", "Classes", StringComparison.Ordinal)).Order(StringComparer.Ordinal),
            problems.Select(problem => problem.Split(' ')[0].TrimEnd(':')).Order(StringComparer.Ordinal));
        Assert.All(problems, problem => Assert.DoesNotContain('\n', problem));
    }

    [Theory]
    [InlineData("0s")]
    [InlineData("0ms")]
    [InlineData("0d")]
    public void Lateness_skew_and_slack_may_be_nothing(string nothing)
    {
        var plan = Read(("Windows:AllowedLateness", nothing), ("Windows:AllowedSkew", nothing), ("Windows:DisorderSlack", nothing)).Plan;
        Assert.Equal((0, 0, 0), (plan.AllowedLatenessMs, plan.AllowedSkewMs, plan.DisorderSlackMs));
    }

    [Fact]
    public void Client_properties_pass_through_and_no_problem_shows_them()
    {
        (string, string)[] secrets =
        [
            ("Kafka:Client:sasl.password", "hunter2"),
            ("Kafka:Client:ssl.key.password", "hunter2"),
            ("Kafka:Client:sasl.oauthbearer.client.secret", "hunter2"),
        ];

        Assert.Equal(3, Read(secrets).Client.Properties.Values.Count(value => value == "hunter2"));
        var problem = Assert.Single(Problems([.. secrets, ("Kafka:StartFrom", "x")]));
        Assert.DoesNotContain("hunter2", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_librdkafka_property_that_the_readme_of_a_cluster_asks_for_is_taken()
    {
        var client = Read(
            ("Kafka:Client:security.protocol", "SASL_SSL"),
            ("Kafka:Client:sasl.mechanisms", "SCRAM-SHA-512"),
            ("Kafka:Client:sasl.username", "monitor"),
            ("Kafka:Client:group.protocol", "consumer"),
            ("Kafka:Client:acks", "all"), // of topics, which librdkafka takes here too
            ("Kafka:Client:fetch.wait.max.ms", "10"), // of consumers
            ("Kafka:Client:dotnet.cancellation.delay.max.ms", "50")).Client.Properties; // of the wrapper, which librdkafka does not know
        Assert.Equal(7, client.Count);
    }

    [Theory]
    [InlineData("Sources:0:Kind", "scores", "must be predictions or labels")]
    [InlineData("Sources:0:Format", "xml", "json, protobuf, openai-chat, kserve-v2")]
    [InlineData("Sources:0:Frame", "gzip+zip", "gzip, confluent, connect, string, cloudevents")]
    [InlineData("Sources:0:Rows", "rows", "a JSON Pointer")]
    [InlineData("Sources:0:TimeUnit", "m", "ms, s, us or ns")]
    [InlineData("Sources:0:Map:probs", "p", "a JSON Pointer")]
    [InlineData("Sources:0:Map:probs", "/a~2", "a JSON Pointer")]
    [InlineData("Sources:0:Map:scores", "/p", "there is no field scores; the fields are model, id, ts, segment, probs")]
    [InlineData("Sources:0:Map:id", "/p", "Map = 'id': must be a map with exactly one output field (probs, ")]
    [InlineData("Sources:0:Only:header:", "x", "header:NAME")]
    [InlineData("Sources:0:Only:type", "x", "a JSON Pointer")]
    [InlineData("Sources:0:Topic", "", "the topic to read")]
    [InlineData("Sources:0:Topic", "driftmonitor.panes", "is Sources:0:Topic and also Kafka:PanesTopic")]
    [InlineData("Sources:0:Mapp", "x", "did you mean Sources:0:Map?")]
    public void A_source_that_is_wrong_is_one_line(string key, string value, string allowed)
    {
        var others = key == "Sources:0:Topic" ? Array.Empty<(string, string)>() : [("Sources:0:Topic", "p")];
        Assert.Contains(allowed, Assert.Single(Problems([.. others, (key, value)])), StringComparison.Ordinal);
    }

    /// <summary>A source is looked at as it will be read: with what its preset says.</summary>
    [Theory]
    [InlineData("json where Map, Rows or a JSON Pointer", "Format=kserve-v2", "Only:/model_version=2")]
    [InlineData("json where Map, Rows or a JSON Pointer", "Format=openai-chat", "Map:label=/object")]
    [InlineData("json where Map, Rows or a JSON Pointer", "Format=cloudevents+protobuf", "Rows=/rows")]
    [InlineData("into each row", "Format=tf-serving", "Map:probs=^/p")]
    [InlineData("must be a map with the field id (the id of the label's prediction)", "Kind=labels", "Map:label=/y")]
    [InlineData(null, "Format=sagemaker-capture", "Map:id=^/eventMetadata/inferenceId")]
    [InlineData(null, "Format=kserve-v1", "Only:header:ce_endpoint=default", "Map:label=")]
    [InlineData(null, "Format=kserve-v2", "Only:header:type=2")]
    public void Sources_are_checked_with_their_preset(string? problem, params string[] source)
    {
        (string, string)[] settings =
        [
            ("Sources:0:Topic", "p"), ("Kafka:PredictionTopics", problem is null || source[0] != "Kind=labels" ? "" : "q"),
            .. source.Select(setting => ($"Sources:0:{setting[..setting.IndexOf('=', StringComparison.Ordinal)]}",
                setting[(setting.IndexOf('=', StringComparison.Ordinal) + 1)..])),
        ];
        if (problem is not null)
        {
            Assert.Contains(problem, Assert.Single(Problems(settings)), StringComparison.Ordinal);
            return;
        }

        var read = Read(settings).Predictions["p"];
        Assert.True(read.Map.Count(field => SourceOptions.IsOutput(field.Field)) <= 1);
        Assert.Equal(
            source[0] == "Format=kserve-v1" ? ["ce_component", "ce_endpoint", "ce_type"] : read.Only.Select(only => only.Header).Order(),
            read.Only.Select(only => only.Header).Order());
    }

    [Fact]
    public void Short_forms_become_sources()
    {
        var settings = Read(
            ("Sources:0:Topic", "a"), ("Sources:0:Only:header:type:0", "x"), ("Sources:0:Only:header:type:1", "y"),
            ("Sources:0:Join", "false"), ("Kafka:PredictionTopics", "b=m"), ("Kafka:Formats:b", "cloudevents+protobuf"),
            ("Feedback:Topic", "l"));
        Assert.Equal(["a", "b"], settings.Predictions.Keys);
        Assert.Equal(["x", "y"], settings.Predictions["a"].Only.Single().Values.Select(value => Encoding.UTF8.GetString(value.AsSpan())));
        Assert.Equal(
            (PayloadFormat.Protobuf, SourceFrame.CloudEvents, "m"),
            (
                settings.Predictions["b"].Format.Payload, settings.Predictions["b"].Frames.Single(), settings.Predictions["b"].Model));
        Assert.Equal(("l", "b"), (settings.Feedback!.Topic, settings.Feedback.PredictionsTopic));
        Assert.StartsWith(
            "Feedback:Join: labels can be joined to the predictions of one topic only, but these are to be joined: a, b. Do one of these: ",
            Assert.Single(Problems(("Sources:0:Topic", "a"), ("Kafka:PredictionTopics", "b"), ("Feedback:Topic", "l"))),
            StringComparison.Ordinal);
        Assert.StartsWith(
            "Feedback:Join: there is no topic of predictions to join the labels to. Do one of these: set Sources:N:Join=true ",
            Assert.Single(Problems(
                ("Sources:0:Topic", "a"), ("Sources:0:Join", "false"), ("Feedback:Repartition", "true"), ("Feedback:Topic", "l"))),
            StringComparison.Ordinal);
        Assert.Contains("only one topic may have labels, and l has them", Assert.Single(Problems(
            ("Sources:0:Topic", "l"), ("Sources:0:Kind", "labels"), ("Feedback:Topic", "k"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_two_tokens_is_told_with_its_place() => Assert.Equal(
        ["Http:Tokens:2:Name = 'ops': is the name of another token already: each must have its own name"],
        Problems(
            ("Http:Tokens:0:Name", "ops"), ("Http:Tokens:0:File", "a"), ("Http:Tokens:1:Name", "team"), ("Http:Tokens:1:File", "b"),
            ("Http:Tokens:2:Name", "ops"), ("Http:Tokens:2:File", "c")));

    [Fact]
    public void Topics_may_name_the_model_of_their_records()
    {
        var topics = Read(("Kafka:PredictionTopics", "fraud-scores = fraud=v3, predictions")).Predictions;
        Assert.Equal([("fraud-scores", "fraud=v3"), ("predictions", null)], topics.Select(topic => (topic.Key, topic.Value.Model)));
    }

    [Fact]
    public void Classes_that_hold_or_not_are_independent()
    {
        (string, string)[] of = [("Models:0:Name", "m"), ("Models:0:Classes:0", "toxic"), ("Models:0:Multilabel", "true")];
        Assert.Equal(["not toxic", "toxic"], Read(of).Classes["m"].Names); // one is enough
        Assert.Equal(2, Read([.. of, ("Models:0:Classes:1", "spam")]).Classes["m"].Choices);
    }

    [Fact]
    public void Classes_keep_their_order_and_a_null_among_them_is_not_passed_over()
    {
        var classes = Enumerable.Range(0, 12).Select(k => ($"Models:0:Classes:{k}", $"class {12 - k}")).ToArray();
        Assert.Equal(classes.Select(name => name.Item2), Read([("Models:0:Name", "M:1"), .. classes]).Classes["M:1"].Names);

        var json =
            """{"Kafka":{"BootstrapServers":"b:1","Client":{},"GroupId":null},"Models":[{"Name":"m","Classes":["a",null,"c"]},{"Name":"none","Classes":[]}]}"""u8.ToArray();
        var problems = Assert.Throws<InvalidConfigurationException>(
            () => ConfigurationReader.Read(new ConfigurationBuilder().AddJsonStream(new MemoryStream(json)).Build())).Problems;
        Assert.StartsWith("Models:0:Classes: class name ''", Assert.Single(problems), StringComparison.Ordinal);
    }

    private static MonitorSettings Read(params (string Key, string Value)[] settings) => ConfigurationReader.Read(
        new ConfigurationBuilder()
            .AddInMemoryCollection([new("Kafka:BootstrapServers", "kafka:9092")])
            .AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .Build());

    private static IReadOnlyList<string> Problems(params (string Key, string Value)[] settings) =>
        Assert.Throws<InvalidConfigurationException>(() => Read(settings)).Problems;

    /// <summary>Environment variables, without touching those of the process.</summary>
    private sealed class Variables(params (string Name, string Value)[] variables) : ConfigurationProvider, IConfigurationSource
    {
        public IConfigurationProvider Build(IConfigurationBuilder builder) => this;

        public override void Load() => Data = variables.ToDictionary(
            variable => variable.Name.Replace(
                "__", ":", StringComparison.Ordinal), variable => (string?)variable.Value, StringComparer.OrdinalIgnoreCase);
    }
}
