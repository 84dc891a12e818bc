using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DriftMonitor.Browser.Tests.Dashboards;

/// <summary>Asks a Prometheus everything that a dashboard shows of a time.</summary>
internal sealed partial class DashboardData(HttpClient prometheus, Dashboard dashboard, TimeGrid grid)
{
    private readonly Dictionary<string, string> _variables = new(StringComparer.Ordinal);

    /// <summary>The variables and their values, as a reader is told.</summary>
    public string Variables => string.Join(", ", dashboard.Variables.Select(
        variable => (string)variable["name"]!).Select(
            name => $"{name} {(_variables[name].StartsWith('(') ? "all" : _variables[name])}"));

    /// <summary>What <c>page/draw.js</c> draws.</summary>
    public async Task<JsonObject> AskAsync()
    {
        foreach (var variable in dashboard.Variables)
        {
            _variables[(string)variable["name"]!] = await ValueAsync(variable);
        }

        var answers = new JsonObject();
        foreach (var panel in dashboard.Panels)
        {
            var ofPanel = new JsonArray();
            foreach (var target in panel["targets"]!.AsArray())
            {
                var answer = await AnswerAsync((string)target!["expr"]!, (bool?)target["range"] == true);
                answer["refId"] = (string)target["refId"]!;
                ofPanel.Add(answer);
            }

            answers[((int)panel["id"]!).ToString(CultureInfo.InvariantCulture)] = ofPanel;
        }

        return new JsonObject
        {
            ["dashboard"] = dashboard.Json.DeepClone(),
            ["times"] = new JsonArray([.. grid.Times.Select(time => JsonValue.Create(time))]),
            ["answers"] = answers,
            ["regions"] = await RegionsAsync(),
        };
    }

    /// <summary>Where each annotation holds: an unbroken run of samples is a region.</summary>
    private async Task<JsonArray> RegionsAsync()
    {
        var regions = new JsonArray();
        foreach (var annotation in dashboard.Annotations)
        {
            var answer = await AnswerAsync((string)annotation["expr"]!, isRange: true);
            foreach (var series in answer["result"]!.AsArray())
            {
                foreach (var (from, to) in Runs([.. series!["values"]!.AsArray().Select(sample => (long)sample![0]!.GetValue<double>())]))
                {
                    regions.Add(new JsonObject { ["from"] = from, ["to"] = to, ["color"] = (string)annotation["iconColor"]! });
                }
            }
        }

        return regions;
    }

    private IEnumerable<(long From, long To)> Runs(long[] times)
    {
        for (int from = 0, to; from < times.Length; from = to + 1)
        {
            for (to = from; to + 1 < times.Length && times[to + 1] - times[to] <= grid.Step; to++)
            {
                // it goes on
            }

            yield return (times[from], times[to]);
        }
    }

    /// <summary>The first value of a variable, all where it may have all.</summary>
    private async Task<string> ValueAsync(JsonNode variable)
    {
        var query = LabelValues().Match((string)variable["query"]!["query"]!);
        Assert.True(query.Success, $"the variable {variable["name"]} is not a label_values");
        var answer = await GetAsync(
            $"/api/v1/label/{query.Groups[2].Value}/values?match[]={Uri.EscapeDataString(Substituted(query.Groups[1].Value))}"
            + FormattableString.Invariant($"&start={grid.From}&end={grid.To}"));
        var values = answer["data"]!.AsArray().Select(value => (string)value!).Order(StringComparer.Ordinal).ToArray();
        return (bool?)variable["includeAll"] == true ? $"({string.Join('|', values)})" : values.FirstOrDefault() ?? "";
    }

    private async Task<JsonObject> AnswerAsync(string query, bool isRange)
    {
        var times = grid.Times.ToArray();
        var answer = await GetAsync(
            (isRange
                ? FormattableString.Invariant($"/api/v1/query_range?start={times[0]}&end={times[^1]}&step={grid.Step}")
                : FormattableString.Invariant($"/api/v1/query?time={grid.To}"))
            + $"&query={Uri.EscapeDataString(Substituted(query))}");
        return answer["data"]!.DeepClone().AsObject();
    }

    private async Task<JsonNode> GetAsync(string path)
    {
        using var answer = await prometheus.GetAsync(new Uri(path, UriKind.Relative), TestContext.Current.CancellationToken);
        var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;
        return (string)body["status"]! == "success"
            ? body
            : throw new InvalidOperationException($"{Uri.UnescapeDataString(path)}: {body["error"]}");
    }

    private string Substituted(string query) => Variable().Replace(query, match => match.Groups[1].Value switch
    {
        "__rate_interval" => FormattableString.Invariant($"{grid.RateInterval}s"),
        "__interval" => FormattableString.Invariant($"{grid.Step}s"),
        "__range" => FormattableString.Invariant($"{grid.To - grid.From}s"),
        var name => _variables[name],
    });

    [GeneratedRegex(@"^label_values\((.*), (\w+)\)$")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"\$(\w+)")]
    private static partial Regex Variable();
}
