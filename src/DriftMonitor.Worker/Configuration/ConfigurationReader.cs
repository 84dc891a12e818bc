using DriftMonitor.Worker.Kafka;

namespace DriftMonitor.Worker.Configuration;

/// <summary>Turns what the user wrote into settings, or into the list of everything that is wrong with it.</summary>
internal static class ConfigurationReader
{
    private const string SourceInFile = "Source";

    /// <param name="configuration">What the user wrote.</param>
    /// <param name="others">Problems that are known already, which are listed first.</param>
    /// <exception cref="InvalidConfigurationException">
    /// Lists every value that is wrong or missing, and where it is written.
    /// </exception>
    public static MonitorSettings Read(IConfiguration configuration, params IEnumerable<string> others)
    {
        var binder = new OptionsBinder();
        var options = binder.Bind(configuration);
        var secrets = options.Secrets(binder.InFiles);
        var failures = new MonitorOptions.Validator(secrets).Validate(options).Errors;
        string[] problems =
        [
            .. UnknownSetting.Sections(configuration).Distinct(StringComparer.Ordinal), .. binder.Problems,
            .. Urls(configuration), .. Listeners(configuration, options.Http.MetricsUrl), .. LogLevels(configuration),
            .. TelemetrySettings.Problems(configuration),
            .. failures.Select(ValidationRules.Line),
        ];
        problems = [.. others, .. problems.Select(new SettingOrigins(configuration).Tell).Select(SecretKeys.HideUsers)];
        return problems.Length == 0 ? SettingsBuilder.Build(options, secrets) : throw new InvalidConfigurationException(problems);
    }

    /// <summary>Reads a file with one source.</summary>
    /// <param name="file">What to call it.</param>
    /// <param name="kind">What the source must have.</param>
    /// <exception cref="InvalidConfigurationException">Lists every value that is wrong.</exception>
    public static SourceSettings ReadSource(IConfiguration configuration, string file, SourceKind kind)
    {
        var written = configuration.AsEnumerable().Select(pair => KeyValuePair.Create($"{SourceInFile}:{pair.Key}", pair.Value));
        var binder = new OptionsBinder();
        var options = binder.BindSource(new ConfigurationBuilder().AddInMemoryCollection(written).Build().GetSection(SourceInFile));
        if (options.IsLabels != (kind == SourceKind.Labels))
        {
            binder.Problems.Add($"{SourceInFile}:Kind = '{options.Kind}': must be {kind.ToString().ToLowerInvariant()} here");
        }

        var secrets = new Secrets(options.SchemaRegistry.Client, binder.InFiles);
        string[] problems =
        [
            .. binder.Problems.Select(problem => problem[(SourceInFile.Length + 1)..]),
            .. new SourceOptions.Validator(secrets).Validate(options).Errors.Select(ValidationRules.Line),
        ];
        return problems.Length == 0
            ? SourceBuilder.Build(options, secrets)
            : throw new InvalidConfigurationException([.. problems.Select(problem => $"{file}: {problem}")]);
    }

    /// <summary>Where /metrics is served: read by the web server, which would tell what is wrong with a stack trace.</summary>
    private static IEnumerable<string> Urls(IConfiguration configuration) =>
        from url in (configuration["Urls"] ?? "").Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        where !IsAddress(url)
        select $"Urls = '{url}': must be http://host:port, several separated by semicolons";

    /// <summary>
    /// With endpoints of its own the web server listens on no other address, so one of them must be that of metrics and health.
    /// </summary>
    private static IEnumerable<string> Listeners(IConfiguration configuration, string metricsUrl)
    {
        var endpoints = configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(endpoint => endpoint["Url"] ?? "").ToArray();
        if (endpoints.Length > 0 && Uri.TryCreate(metricsUrl, UriKind.Absolute, out var metrics)
            && !Array.Exists(endpoints, url => IsAddress(url) && BindingAddress.Parse(url).Port == metrics.Port))
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"Http:MetricsUrl = '{metricsUrl}': where Kestrel:Endpoints is set, only its endpoints are opened, so one of them must "
                + $"have port {metrics.Port}");
        }
    }

    /// <summary>Likewise the levels of the log.</summary>
    private static IEnumerable<string> LogLevels(IConfiguration configuration) =>
        from level in configuration.GetSection("Logging:LogLevel").GetChildren()
        where level.Value is not null && !Enum.TryParse<LogLevel>(level.Value, ignoreCase: true, out _)
        select $"{level.Path} = '{level.Value}': must be {string.Join(", ", Enum.GetNames<LogLevel>())}";

    private static bool IsAddress(string url)
    {
        try
        {
            return BindingAddress.Parse(url).Port <= System.Net.IPEndPoint.MaxPort;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
