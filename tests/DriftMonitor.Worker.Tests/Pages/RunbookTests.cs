using System.Net;
using System.Text.RegularExpressions;
using DriftMonitor.Worker.Pages;
using DriftMonitor.Worker.Tests.Metrics;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Pages;

/// <summary>The runbooks as the monitor serves them.</summary>
public sealed partial class RunbookTests
{
    private static readonly string Directory = Path.Combine(RepositoryFiles.Root, "dashboards", "runbooks");

    [Fact]
    public void The_program_brings_every_runbook() => Assert.Equal(
        System.IO.Directory.GetFiles(Directory).Select(Path.GetFileNameWithoutExtension).Where(name => name != "README").Order(),
        Runbooks.Names);

    [Fact]
    public async Task Every_runbook_is_a_page_whose_links_lead_to_pages_and_anchors_that_exist()
    {
        await using var monitor = await ScrapedMonitor.Start();
        var pages = new Dictionary<string, string>();
        foreach (var path in Runbooks.Names.Select(name => $"/runbooks/{name}").Append("/runbooks"))
        {
            pages.Add(path, await monitor.GetAsync(path));
        }

        var links = pages.SelectMany(page => Link().Matches(Article(page.Value)).Select(match => (
            From: page.Key, To: new Uri(new Uri(monitor.Address, page.Key), WebUtility.HtmlDecode(match.Groups[1].Value)))));
        Assert.All(links, link =>
        {
            Assert.Equal(monitor.Address.Authority, link.To.Authority);
            Assert.True(pages.TryGetValue(link.To.AbsolutePath, out var page), $"{link}");
            Assert.Contains(link.To.Fragment.Length == 0 ? "" : $"id=\"{link.To.Fragment[1..]}\"", page, StringComparison.Ordinal);
        });
        Assert.All(pages, page => Assert.Contains(
            page.Key == "/runbooks" ? "<h1 id=\"runbooks\">" : $"{Path.GetFileName(page.Key)}</h1>", page.Value, StringComparison.Ordinal));
        Assert.All(pages.Values, page => Assert.DoesNotMatch(@"<(img|iframe|object|form|style)\b|\son\w+=|javascript:|\|---", page));
        Assert.Equal(Runbooks.Names.Order(), Link().Matches(Article(pages["/runbooks"])).Select(match => match.Groups[1].Value)
            .Where(link => link.StartsWith("runbooks/", StringComparison.Ordinal)).Select(link => link[9..]).Distinct().Order());
    }

    [Fact]
    public async Task Every_link_of_every_alert_leads_to_what_is_served()
    {
        await using var monitor = await ScrapedMonitor.Start();
        foreach (var alert in AlertRules.Names)
        {
            foreach (var path in AlertRules.Of(alert).SelectMany(rule => Annotation().Matches(rule)).Select(match => match.Groups[1].Value))
            {
                if (!path.StartsWith("/health/", StringComparison.Ordinal)) // its stages are not here
                {
                    using var answer = await monitor.SendAsync(HttpMethod.Get, path: path);
                    var isOfModel = path is "/alarm" or "/model"; // which stands in the query
                    Assert.Equal(
                        (alert, path, isOfModel ? HttpStatusCode.BadRequest : HttpStatusCode.OK), (alert, path, answer.StatusCode));
                }
            }

            Assert.All(AlertRules.Of(alert), rule => Assert.Matches($"/runbooks/{alert}({{{{ end }}}})?'", rule));
        }
    }

    [Fact]
    public async Task A_page_may_load_nothing_but_files_of_its_own_and_is_taken_for_nothing_else()
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var answer = await monitor.SendAsync(HttpMethod.Get, path: "/runbooks/Reasons");
        var html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
            + "base-uri 'none'; frame-ancestors 'none'",
            Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("no-referrer", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType?.ToString());
        Assert.True(answer.Headers.CacheControl?.NoCache);
        Assert.Contains("<td><code>too_large</code></td>", html, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Head_is_told_the_type_and_the_length()
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var get = await monitor.SendAsync(HttpMethod.Get, path: "/runbooks/MonitorDown");
        using var head = await monitor.SendAsync(HttpMethod.Head, path: "/runbooks/MonitorDown");

        Assert.Equal(get.Headers.ToString().Split("Date")[0], head.Headers.ToString().Split("Date")[0]);
        Assert.Equal(get.Content.Headers.ToString(), head.Content.Headers.ToString());
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("README")]
    [InlineData("modelsilent")]
    [InlineData("ModelSilent.md")]
    [InlineData("..%2fREADME")]
    [InlineData("%2e%2e%2fappsettings.json")]
    [InlineData("..%5c..%5cappsettings.json")]
    [InlineData("%3Cscript%3Ealert(1)%3C%2Fscript%3E")]
    [InlineData("ModelSilent%0d%0aSet-Cookie:%20a=b")]
    public async Task Another_name_is_not_found_and_not_shown(string name)
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var answer = await monitor.SendAsync(HttpMethod.Get, path: $"/runbooks/{name}");

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        var html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("<h1>Not found</h1>\n<p>No runbook has this name: <a ", html, StringComparison.Ordinal);
        Assert.True(answer.Headers.Contains("Content-Security-Policy"));
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("/runbooks/", "/runbooks")]
    [InlineData("/runbooks/ModelSilent/", "/runbooks/ModelSilent")]
    public async Task A_slash_too_many_leads_to_the_page_whose_links_work(string path, string page)
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var answer = await monitor.SendAsync(HttpMethod.Get, path: path);
        Assert.Equal(page, answer.RequestMessage!.RequestUri!.AbsolutePath); // the client has followed it
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public void Html_in_a_runbook_is_text()
    {
        var html = RunbookMarkdown.ToHtml(
            "# A b\n<script>alert(1)</script> <b>x</b> [y](Z.md#q), [w](http://h/W.md)", name => $"at/{name}");
        Assert.DoesNotContain("<script", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>", html, StringComparison.Ordinal);
        Assert.Contains("<h1 id=\"a-b\">", html, StringComparison.Ordinal);
        Assert.Contains("<a href=\"at/Z#q\">y</a>, <a href=\"http://h/W.md\">w</a>", html, StringComparison.Ordinal);
    }

    /// <summary>The runbook itself, without the navigation around it.</summary>
    private static string Article(string page) => page[page.IndexOf("<article", StringComparison.Ordinal)..];

    [GeneratedRegex("<a href=\"([^\"]*)\"")]
    private static partial Regex Link();

    /// <summary>What stands behind the address.</summary>
    [GeneratedRegex(@"_url: '.*\{\{ end \}\}(/[^{?']*)")]
    private static partial Regex Annotation();
}
