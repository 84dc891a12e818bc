using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using DriftMonitor.Alarms;
using DriftMonitor.Worker.Http;
using DriftMonitor.Worker.Peers;
using DriftMonitor.Worker.Status;
using DriftMonitor.Worker.Tests.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace DriftMonitor.Worker.Tests.Http;

/// <summary>The API as who uses it sees it: what it answers, to whom, and what it changes.</summary>
public sealed class ApiTests
{
    private const string Reader = "a token that may only read";
    private const string Changer = "a token that may change things";
    private const string Acknowledgement =
        "/api/v1/alarm/acknowledgement?model=m&segment=_all&kind=output_drift&severity=critical&window=5m&began_ms=1767225600000";

    private static readonly PeerSecret Secret = new("what only the replicas know"u8.ToArray());

    [Fact]
    public async Task The_description_in_the_repository_is_of_what_runs()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var file = Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", "Http", "openapi.json");
        var runs = await monitor.GetAsync("/api/v1/openapi.json");
        if (Environment.GetEnvironmentVariable("DRIFTMONITOR_WRITE_OPENAPI") is not null)
        {
            await File.WriteAllTextAsync(file, runs + "\n", TestContext.Current.CancellationToken);
        }

        Assert.Equal((await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken)).TrimEnd(), runs);
    }

    [Theory]
    [InlineData("/api/v1/alarms")]
    [InlineData("/api/v1/models")]
    [InlineData("/api/v1/model?model=m")]
    [InlineData("/api/v1/monitor")]
    [InlineData("/api/v1/references")]
    [InlineData("/api/v1/rejections")]
    [InlineData("/api/v1/openapi.json")]
    public async Task What_the_asker_has_already_is_not_sent_again(string path)
    {
        await using var monitor = await ScrapedMonitor.Start("predictions");
        monitor.Reports.Update(Reported.Without("m"));
        using var first = await SendAsync(monitor, HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        monitor.Time.Advance(TimeSpan.FromSeconds(10)); // time alone changes nothing that is known
        using var again = await SendAsync(monitor, HttpMethod.Get, path, tag: first.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        Assert.Empty(await again.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using var other = await SendAsync(monitor, HttpMethod.Get, path, tag: "\"another\"");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Theory]
    [InlineData("/api/v1/alarms")]
    [InlineData("/api/v1/alarm?model=m&severity=critical")]
    [InlineData("/api/v1/history?model=m&window=5m")]
    public async Task Neither_is_what_an_alarm_was_until_it_changes(string path)
    {
        await using var monitor = await AlarmedAsync(AccessTokens.None);
        using var first = await SendAsync(monitor, HttpMethod.Get, path);
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        monitor.Time.Advance(TimeSpan.FromSeconds(10));
        using var again = await SendAsync(monitor, HttpMethod.Get, path, tag: first.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);

        var worse = Reported.Of("m", divergences: Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.875 });
        monitor.Alarms.Note(worse with { Window = worse.Window with { ToMs = worse.Window.ToMs + 60_000 } });
        monitor.Alarms.Tell();
        using var changed = await SendAsync(monitor, HttpMethod.Get, path, tag: first.Headers.ETag!.Tag);
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.NotEqual(first.Headers.ETag, changed.Headers.ETag);
    }

    /// <summary>Relative, since a proxy may have a path of its own; the method and the query stay.</summary>
    [Theory]
    [InlineData("")]
    [InlineData("?model=org%2Fm&severity=critical")]
    public async Task The_address_before_version_1_leads_to_the_list(string query)
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var handler = new HttpClientHandler { AllowAutoRedirect = false };
        using var http = new HttpClient(handler);
        using var answer = await http.GetAsync(new Uri(monitor.Address, $"/api/alarms{query}"), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.PermanentRedirect, answer.StatusCode);
        Assert.Equal($"v1/alarms{query}", answer.Headers.Location!.OriginalString);
        Assert.Equal(
            $"/api/v1/alarms{query}", new Uri(new Uri(monitor.Address, "/api/alarms"), answer.Headers.Location).PathAndQuery);
    }

    [Theory]
    [InlineData("/api/v1/alarms?severity=loud", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/alarms?from=noon", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/alarms?page=first", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/alarm?model=none", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/model", HttpStatusCode.BadRequest)]
    [InlineData("/api/v1/model?model=none", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/history?model=none&window=5m", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/../../etc/passwd", HttpStatusCode.NotFound)]
    [InlineData("/api/v1/%2e%2e/%2e%2e/etc/passwd", HttpStatusCode.NotFound)]
    [InlineData("/api/v2/alarms", HttpStatusCode.NotFound)]
    public async Task Errors_are_problems_in_words(string path, HttpStatusCode status)
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var answer = await SendAsync(monitor, HttpMethod.Get, path);
        Assert.Equal(status, answer.StatusCode);
        if (answer.RequestMessage!.RequestUri!.AbsolutePath.StartsWith("/api", StringComparison.Ordinal))
        {
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
            Assert.Equal((int)status, (int)(await JsonAsync(answer))["status"]!);
            Assert.False(string.IsNullOrEmpty((string?)(await JsonAsync(answer))["title"]));
            Assert.False(status == HttpStatusCode.BadRequest && string.IsNullOrEmpty((string?)(await JsonAsync(answer))["detail"]));
        }
    }

    [Fact]
    public async Task Lists_have_pages()
    {
        await using var monitor = await ScrapedMonitor.Start();
        for (var model = 0; model < 7; model++)
        {
            monitor.Reports.Update(Reported.Without($"m{model}"));
        }

        var page = JsonNode.Parse(await monitor.GetAsync("/api/v1/models?page=3&per_page=3"))!;
        Assert.Equal((7, 3, 3), ((int)page["total"]!, (int)page["page"]!, (int)page["pages"]!));
        Assert.Equal(["m6"], page["items"]!.AsArray().Select(model => (string)model!["model"]!));
        Assert.Equal(3, (int)JsonNode.Parse(await monitor.GetAsync("/api/v1/models?page=99&per_page=3"))!["page"]!);
    }

    [Fact]
    public async Task Reading_is_open_and_changing_off_until_tokens_are_configured()
    {
        await using var monitor = await AlarmedAsync(AccessTokens.None);
        Assert.Equal(1, (int)JsonNode.Parse(await monitor.GetAsync("/api/v1/alarms?severity=critical"))!["total"]!);
        using var answer = await SendAsync(monitor, HttpMethod.Put, Acknowledgement, Body(monitor));
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer another token, of nobody", HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)]
    [InlineData("Basic YTpi", HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized)]
    [InlineData($"Bearer {Reader}", HttpStatusCode.OK, HttpStatusCode.Forbidden)]
    [InlineData($"Bearer {Changer}", HttpStatusCode.OK, HttpStatusCode.OK)]
    public async Task A_token_allows_what_its_role_does(string? header, HttpStatusCode reading, HttpStatusCode changing)
    {
        await using var monitor = await AlarmedAsync(Tokens(withReader: true));
        using var read = await SendAsync(monitor, HttpMethod.Get, "/api/v1/alarms", authorization: header);
        using var changed = await SendAsync(monitor, HttpMethod.Put, Acknowledgement, Body(monitor), header);
        Assert.Equal((reading, changing), (read.StatusCode, changed.StatusCode));
        Assert.DoesNotContain("Set-Cookie", read.Headers.Concat(changed.Headers).Select(one => one.Key));
    }

    [Fact]
    public async Task An_acknowledgement_is_told_logged_kept_by_successors_and_taken_back()
    {
        var log = new LogLines();
        await using var monitor = await AlarmedAsync(Tokens(), log);
        var changes = monitor.Alarms.Changes("m");
        using var first = await SendAsync(monitor, HttpMethod.Put, Acknowledgement, Body(monitor), $"Bearer {Changer}");
        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal("Ann (ops)", (string)(await JsonAsync(first))["acknowledged"]!["by"]!);
        Assert.Equal(changes + 1, monitor.Alarms.Changes("m")); // so its status is written
        monitor.Time.Advance(TimeSpan.FromMinutes(1));
        using var again = await SendAsync(monitor, HttpMethod.Put, Acknowledgement, Body(monitor, -60_000), $"Bearer {Changer}");
        Assert.Equal((await JsonAsync(first)).ToJsonString(), (await JsonAsync(again)).ToJsonString());
        Assert.Equal(changes + 1, monitor.Alarms.Changes("m"));

        var (on, _) = monitor.Alarms.Of("m");
        Assert.Equal("a new camera", on.Single(alarm => alarm.Acknowledged is not null).Acknowledged!.Why);

        using var gone = await SendAsync(monitor, HttpMethod.Delete, Acknowledgement, null, $"Bearer {Changer}");
        Assert.Null((await JsonAsync(gone))["acknowledged"]);
        using var none = await SendAsync(
            monitor, HttpMethod.Put, Acknowledgement.Replace("1767225600000", "1", StringComparison.Ordinal), Body(monitor),
            $"Bearer {Changer}");
        Assert.Equal(HttpStatusCode.NotFound, none.StatusCode);
    }

    [Theory]
    [InlineData("""{"why":"","until_ms":1767226800000}""", HttpStatusCode.BadRequest, "why")]
    [InlineData("""{"why":"x","until_ms":1}""", HttpStatusCode.BadRequest, "until_ms")]
    [InlineData("""{"why":"x","until_ms":99999999999999}""", HttpStatusCode.BadRequest, "until_ms")]
    [InlineData("""{"why":"x"}""", HttpStatusCode.BadRequest, "until_ms")]
    [InlineData("""{"why":"x","until_ms":"soon"}""", HttpStatusCode.BadRequest, "until_ms")]
    [InlineData("""{"why":"x","until_ms":1767226800000,"loud":true}""", HttpStatusCode.BadRequest, "loud")]
    [InlineData("nothing", HttpStatusCode.BadRequest, "JSON")]
    [InlineData(null, HttpStatusCode.RequestEntityTooLarge, "too large")]
    public async Task A_body_that_says_nothing_useful_is_refused(string? body, HttpStatusCode status, string what)
    {
        await using var monitor = await AlarmedAsync(Tokens());
        using var answer = await SendAsync(
            monitor, HttpMethod.Put, Acknowledgement, body ?? $$"""{"why":"{{new string('x', 100_000)}}","until_ms":1}""",
            $"Bearer {Changer}");
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains(what, (await JsonAsync(answer)).ToJsonString(), StringComparison.Ordinal);
        Assert.All(monitor.Alarms.Of("m").On, alarm => Assert.Null(alarm.Acknowledged));
    }

    [Fact]
    public async Task Who_tries_too_often_waits()
    {
        await using var monitor = await AlarmedAsync(Tokens());
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 61; i++)
        {
            using var answer = await SendAsync(monitor, HttpMethod.Put, Acknowledgement, Body(monitor), "Bearer a guess of a token");
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal(60, statuses.Count(status => status == HttpStatusCode.Unauthorized));
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        using var read = await SendAsync(monitor, HttpMethod.Get, "/api/v1/alarms");
        Assert.Equal(HttpStatusCode.OK, read.StatusCode); // who only reads is not held up
    }

    [Fact]
    public async Task Any_replica_answers_for_the_models_of_another()
    {
        await using var owner = await AlarmedAsync(Tokens(withReader: true));
        await using var asked = await ScrapedMonitor.StartAsync(Tokens());
        Know(asked, owner, "m");

        var alarm = JsonNode.Parse(await asked.GetAsync("/api/v1/alarm?model=m&severity=critical"))!;
        Assert.Equal("critical: output drift of m, segment _all", (string)alarm["explanation"]!["text"]!["title"]!);
        Assert.Equal("m", (string)JsonNode.Parse(await asked.GetAsync("/api/v1/model?model=m"))!["model"]!["model"]!);
        Assert.NotEmpty(JsonNode.Parse(await asked.GetAsync("/api/v1/history?model=m&window=5m"))!["points"]!.AsArray());
        Assert.Equal(
            ["m"], JsonNode.Parse(await asked.GetAsync("/api/v1/models"))!["items"]!.AsArray().Select(model => (string)model!["model"]!));

        using var changed = await SendAsync(asked, HttpMethod.Put, Acknowledgement, Body(asked), $"Bearer {Changer}");
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
        Assert.Equal("Ann (ops)", owner.Alarms.Of("m").On.Single(one => one.Acknowledged is not null).Acknowledged!.By);
        Assert.Contains(
            JsonNode.Parse(await asked.GetAsync("/api/v1/rejections"))!["replicas"]!.AsArray(),
            replica => (string)replica!["replica"]! == "other" || replica["problem"] is null);
    }

    [Theory]
    [InlineData("search=country")]
    [InlineData("search=country&model=m")]
    [InlineData("segment=country%3DDE&kind=output_drift")]
    public async Task Any_replica_explains_the_alarm_that_its_owner_does(string query)
    {
        await using var owner = await AlarmedAsync(Tokens());
        var report = Reported.Of("m", "country=DE", divergences: Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.625 });
        foreach (var secondsLater in new[] { -600, -300, 0 })
        {
            owner.Alarms.Note(report with { Window = report.Window with { ToMs = report.Window.ToMs + (secondsLater * 1_000) } });
        }

        owner.Alarms.Tell();
        await using var asked = await ScrapedMonitor.StartAsync(Tokens());
        Know(asked, owner.Address.ToString(), "m", [.. owner.Alarms.Of("m").On]);

        var there = JsonNode.Parse(await owner.GetAsync($"/api/v1/alarm?{query}"))!["alarm"]!;
        var here = JsonNode.Parse(await asked.GetAsync($"/api/v1/alarm?{query}"))!["alarm"]!;
        Assert.Equal("country=DE", (string)there["segment"]!);
        Assert.Equal(
            ((string)there["segment"]!, (string)there["severity"]!, (long)there["began_ms"]!),
            ((string)here["segment"]!, (string)here["severity"]!, (long)here["began_ms"]!));
    }

    /// <summary>As where the status of an alarm has not come yet.</summary>
    [Fact]
    public async Task What_is_searched_for_is_told_to_the_owner()
    {
        await using var owner = await AlarmedAsync(Tokens());
        await using var asked = await ScrapedMonitor.StartAsync(Tokens());
        Know(asked, owner, "m");
        using var answer = await SendAsync(asked, HttpMethod.Get, "/api/v1/alarm?model=m&search=country");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task An_owner_that_is_gone_or_does_not_answer_is_a_state()
    {
        await using var asked = await ScrapedMonitor.StartAsync(Tokens());
        await using (var owner = await AlarmedAsync(Tokens()))
        {
            Know(asked, owner, "m");
        }

        using var unreachable = await SendAsync(asked, HttpMethod.Get, "/api/v1/model?model=m");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unreachable.StatusCode);
        Assert.Contains("cannot be reached", (string)(await JsonAsync(unreachable))["detail"]!, StringComparison.Ordinal);
        Assert.Equal("other", (string)(await JsonAsync(unreachable))["replica"]!);

        asked.Time.Advance(TimeSpan.FromMinutes(2));
        using var gone = await SendAsync(asked, HttpMethod.Get, "/api/v1/alarm?model=m");
        Assert.Equal("The replica that owned it is gone", (string)(await JsonAsync(gone))["title"]!);
        var model = Assert.Single(JsonNode.Parse(await asked.GetAsync("/api/v1/models"))!["items"]!.AsArray())!;
        Assert.True((bool)model["is_owner_gone"]!);
    }

    /// <summary>Who still writes of its other models is not gone, and does not know this one any more.</summary>
    [Fact]
    public async Task A_model_that_its_owner_writes_of_no_longer_is_not_listed()
    {
        await using var asked = await ScrapedMonitor.StartAsync(Tokens());
        Know(asked, "http://other", "left");
        asked.Time.Advance(TimeSpan.FromMinutes(2));
        Know(asked, "http://other", "stays");
        var model = Assert.Single(JsonNode.Parse(await asked.GetAsync("/api/v1/models"))!["items"]!.AsArray())!;
        Assert.Equal(("stays", false), ((string)model["model"]!, (bool)model["is_owner_gone"]!));
    }

    [Fact]
    public async Task Replicas_without_a_common_secret_do_not_ask_each_other()
    {
        await using var owner = await AlarmedAsync(Tokens());
        await using var asked = await ScrapedMonitor.StartAsync(AccessTokens.None);
        Know(asked, owner, "m");
        using var answer = await SendAsync(asked, HttpMethod.Get, "/api/v1/model?model=m");
        Assert.Equal("Another replica owns it", (string)(await JsonAsync(answer))["title"]!);
        Assert.Equal(owner.Address.ToString().TrimEnd('/'), ((string)(await JsonAsync(answer))["url"]!).TrimEnd('/'));
    }

    /// <summary>Two replicas that each take the other for the owner: who is asked by a replica asks nobody.</summary>
    [Fact]
    public async Task A_question_goes_no_further_than_one_replica()
    {
        await using var one = await ScrapedMonitor.StartAsync(Tokens());
        await using var other = await ScrapedMonitor.StartAsync(Tokens());
        Know(one, other, "m");
        Know(other, one, "m");
        using var answer = await SendAsync(one, HttpMethod.Get, "/api/v1/model?model=m");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Contains("taken it over", (string)(await JsonAsync(answer))["detail"]!, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_token_is_never_sent_to_an_address_from_a_topic()
    {
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await using var asked = await ScrapedMonitor.StartAsync(Tokens());
        Know(asked, $"http://127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}", "m");
        var sending = SendAsync(asked, HttpMethod.Put, Acknowledgement, Body(asked), $"Bearer {Changer}");
        using var caught = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        var buffer = new byte[16 * 1024];
        var length = 0;
        while (!Encoding.UTF8.GetString(buffer, 0, length).Contains("until_ms", StringComparison.Ordinal))
        {
            length += await caught.GetStream().ReadAsync(buffer.AsMemory(length), TestContext.Current.CancellationToken);
        }

        caught.Close();
        (await sending).Dispose();
        var request = Encoding.UTF8.GetString(buffer, 0, length);
        Assert.DoesNotContain(Changer, request, StringComparison.Ordinal);
        Assert.DoesNotContain("Authorization", request, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("what only the replicas know", request, StringComparison.Ordinal);
        Assert.Contains("DriftMonitor-Peer: ", request, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("PUT", "/a?b", "ann", "{}", 0, true)]
    [InlineData("PUT", "/a?b", "ann", "{}", 60, true)]
    [InlineData("PUT", "/a?b", "ann", "{}", 61, false)]
    [InlineData("PUT", "/a?b", "ann", "{}", -61, false)]
    [InlineData("GET", "/a?b", "ann", "{}", 0, false)]
    [InlineData("PUT", "/a?c", "ann", "{}", 0, false)]
    [InlineData("PUT", "/a?ba", "nn", "{}", 0, false)]
    [InlineData("PUT", "/a?b", "ann", "{ }", 0, false)]
    public void A_signature_is_of_one_request(string method, string path, string user, string body, int secondsLater, bool holds)
    {
        var now = DateTimeOffset.UnixEpoch.AddYears(56);
        var header = Secret.Sign("PUT", "http://a", "/a?b", "ann", "{}"u8, now);
        Assert.Equal(
            holds, Secret.Verifies(header, method, "http://a", path, user, Encoding.UTF8.GetBytes(body), now.AddSeconds(secondsLater)));
        Assert.False(Secret.Verifies(header, "PUT", "http://b", "/a?b", "ann", "{}"u8, now)); // of one receiver, too
        var other = new PeerSecret("another secret of somebody"u8.ToArray());
        Assert.False(other.Verifies(header, "PUT", "http://a", "/a?b", "ann", "{}"u8, now));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1767225600")]
    [InlineData("1767225600 ")]
    [InlineData("1767225600 !")]
    [InlineData("9223372036854775807 AAAA")]
    [InlineData("-9223372036854775808 AAAA")]
    public void What_is_no_signature_is_refused(string header) => Assert.False(
        Secret.Verifies(header, "GET", "http://a", "/", "", [], DateTimeOffset.FromUnixTimeSeconds(1_767_225_600)));

    private static AccessTokens Tokens(bool withReader = false) => new(
        [
            .. withReader ? new[] { (SHA256.HashData(Encoding.UTF8.GetBytes(Reader)), "dashboards", false) } : [],
            (SHA256.HashData(Encoding.UTF8.GetBytes(Changer)), "ops", true),
        ],
        Secret);

    private static string Body(ScrapedMonitor monitor, int laterMs = 0) =>
        $$"""{"by":"Ann","why":"a new camera","until_ms":{{monitor.Time.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds() + laterMs}}}""";

    /// <summary>One with a critical alarm of m since 2026-01-01 00:00.</summary>
    private static async Task<ScrapedMonitor> AlarmedAsync(AccessTokens tokens, LogLines? log = null)
    {
        var monitor = await ScrapedMonitor.StartAsync(tokens, log);
        var report = Reported.Of("m", divergences: Reported.SomeDivergences with { KlReferenceVsLiveNats = 0.75 });
        foreach (var secondsLater in new[] { -600, -300, 0 })
        {
            monitor.Alarms.Note(
                report with { Window = report.Window with { ToMs = report.Window.ToMs + (secondsLater * 1_000) } });
        }

        monitor.Alarms.Tell();
        return monitor;
    }

    private static void Know(ScrapedMonitor asked, ScrapedMonitor owner, string model) => Know(
        asked, owner.Address.ToString(), model);

    private static void Know(ScrapedMonitor asked, string url, string model, params StatusAlarm[] alarms)
    {
        var statuses = asked.Services.GetRequiredService<KnownStatuses>();
        var nowMs = asked.Time.GetUtcNow().ToUnixTimeMilliseconds();
        statuses.Add(new ModelStatus(
            ModelStatus.CurrentVersion, model, 1, nowMs, nowMs, new StatusOwner("other", url), ModelState.Guarded, nowMs, nowMs,
            null, [.. alarms], [], [], JsonSerializer.SerializeToElement(0)).ToJson());
        statuses.Show(areRead: true);
    }

    private static async Task<JsonNode> JsonAsync(HttpResponseMessage answer) =>
        JsonNode.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!;

    private static async Task<HttpResponseMessage> SendAsync(
        ScrapedMonitor monitor, HttpMethod method, string path, string? body = null, string? authorization = null, string? tag = null)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(method, new Uri(monitor.Address, path));
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        request.Headers.TryAddWithoutValidation("If-None-Match", tag);
        if (body is not null)
        {
            request.Content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
        }

        return await http.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
