using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Security.Cryptography;
using System.Text.Json;
using DriftMonitor.Worker.Pages;
using DriftMonitor.Worker.Tests.Metrics;
using DriftMonitor.Worker.Tests.Watching;

namespace DriftMonitor.Worker.Tests.Pages;

/// <summary>The files that pages load, and how they are served.</summary>
public sealed class AssetTests
{
    private static readonly string Directory = Path.Combine(RepositoryFiles.Root, "src", "DriftMonitor.Worker", "Pages", "assets");

    [Fact]
    public void Files_of_others_are_those_of_the_versions_that_are_named()
    {
        using var versions = JsonDocument.Parse(PageAssets.ByName["versions.json"].Bytes);
        var named = new List<string>();
        foreach (var package in versions.RootElement.GetProperty("packages").EnumerateArray())
        {
            Assert.Matches("^sha512-[A-Za-z0-9+/]{86}==$", package.GetProperty("integrity").GetString());
            Assert.NotEmpty(package.GetProperty("license").GetString()!);
            foreach (var file in package.GetProperty("files").EnumerateObject())
            {
                var bytes = File.ReadAllBytes(Path.Combine(Directory, file.Name));
                Assert.Equal(file.Value.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(bytes)));
                Assert.Equal(bytes, PageAssets.ByName[file.Name].Bytes.ToArray());
                named.Add(file.Name);
            }

            Assert.Contains(named, name => name.EndsWith("LICENSE.txt", StringComparison.Ordinal));
        }

        Assert.Equal(
            PageAssets.ByName.Keys.Except(["site.css", "site.js", "icon.svg", "versions.json"], StringComparer.Ordinal).Order(),
            named.Order());
    }

    /// <summary>npm has the same integrity of them, and the files are those of its packages.</summary>
    [Fact]
    public async Task Files_of_others_are_what_npm_has()
    {
        var packed = System.IO.Directory.CreateTempSubdirectory("driftmonitor-assets-");
        try
        {
            using var versions = JsonDocument.Parse(PageAssets.ByName["versions.json"].Bytes);
            foreach (var package in versions.RootElement.GetProperty("packages").EnumerateArray())
            {
                var name = $"{package.GetProperty("name")}@{package.GetProperty("version")}";
                using var told = JsonDocument.Parse(
                    await Tool.NpmAsync("pack", name, "--json", "--silent", "--pack-destination", packed.FullName));
                var one = told.RootElement.EnumerateArray().Single();
                Assert.Equal(package.GetProperty("integrity").GetString(), one.GetProperty("integrity").GetString());
                var file = Path.Combine(packed.FullName, one.GetProperty("filename").GetString()!);
                Assert.Equal(
                    package.GetProperty("integrity").GetString(),
                    $"sha512-{Convert.ToBase64String(SHA512.HashData(await File.ReadAllBytesAsync(file, Cancelled)))}");
                var files = await UnpackedAsync(file);
                Assert.All(
                    package.GetProperty("files").EnumerateObject(),
                    kept => Assert.Equal(
                        kept.Value.GetProperty("sha256").GetString(),
                        Convert.ToHexStringLower(SHA256.HashData(files[$"package/{kept.Value.GetProperty("from")}"]))));
            }
        }
        finally
        {
            packed.Delete(recursive: true);
        }
    }

    [Fact]
    public void What_we_wrote_loads_nothing_from_elsewhere_and_evaluates_nothing()
    {
        foreach (var name in (string[])["site.js", "site.css"])
        {
            Assert.DoesNotMatch(
                @"https?://|\beval\b|new Function|innerHTML\s*=|insertAdjacentHTML|document\.cookie|@import|url\(",
                File.ReadAllText(Path.Combine(Directory, name)));
        }
    }

    [Theory]
    [InlineData("site.js", "text/javascript; charset=utf-8")]
    [InlineData("uPlot.min.css", "text/css; charset=utf-8")]
    [InlineData("icon.svg", "image/svg+xml")]
    [InlineData("htmx.LICENSE.txt", "text/plain; charset=utf-8")]
    public async Task A_file_is_kept_for_as_long_as_its_address_stays_the_same(string name, string type)
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var plain = await monitor.SendAsync(HttpMethod.Get, path: $"/assets/{name}");
        using var pinned = await monitor.SendAsync(HttpMethod.Get, "gzip", $"/{PageAssets.Address(name)}");
        using var head = await monitor.SendAsync(HttpMethod.Head, "gzip", $"/{PageAssets.Address(name)}");

        Assert.Equal(type, plain.Content.Headers.ContentType?.ToString());
        Assert.True(plain.Headers.CacheControl?.NoCache);
        Assert.Equal("public, max-age=31536000, immutable", string.Join(", ", pinned.Headers.GetValues("Cache-Control")));
        Assert.Equal("nosniff", Assert.Single(pinned.Headers.GetValues("X-Content-Type-Options")));
        Assert.NotNull(pinned.Headers.ETag);
        Assert.Equal("gzip", Assert.Single(pinned.Content.Headers.ContentEncoding));
        Assert.Equal(pinned.Content.Headers.ContentLength, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
        using var unpacked = new MemoryStream();
        await using (var gzip = new GZipStream(
            await pinned.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken), CompressionMode.Decompress))
        {
            await gzip.CopyToAsync(unpacked, TestContext.Current.CancellationToken);
        }

        Assert.Equal(PageAssets.ByName[name].Bytes.ToArray(), unpacked.ToArray());
    }

    [Fact]
    public async Task Who_has_it_is_told_so()
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(monitor.Address, "/assets/site.css"));
        request.Headers.TryAddWithoutValidation("If-None-Match", $"W/\"{PageAssets.ByName["site.css"].Version}\"");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NotModified, answer.StatusCode);
    }

    [Theory]
    [InlineData("nothing.js")]
    [InlineData("SITE.JS")]
    [InlineData("..%2fappsettings.json")]
    [InlineData("..%5cappsettings.json")]
    [InlineData("%2e%2e%2f%2e%2e%2fetc%2fpasswd")]
    [InlineData("site.js%00.css")]
    public async Task Another_name_is_not_found(string name)
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var answer = await monitor.SendAsync(HttpMethod.Get, path: $"/assets/{name}");
        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, $"{answer.StatusCode}");
        Assert.Empty(await answer.Content.ReadAsByteArrayAsync(TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_page_that_cannot_be_made_says_so_and_nothing_of_why()
    {
        await using var monitor = await ScrapedMonitor.Start();
        using var answer = await monitor.SendAsync(HttpMethod.Get, path: "/fails");
        var html = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Contains("This page cannot be shown", html, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"Exception|this machine|\bat DriftMonitor|\.cs:", html);
        Assert.True(answer.Headers.Contains("Content-Security-Policy"));
    }

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/?search=%3Cscript%3E&page=7", HttpStatusCode.OK)]
    [InlineData("/?page=x", HttpStatusCode.BadRequest)]
    [InlineData("/alarm", HttpStatusCode.BadRequest)]
    [InlineData("/alarm?model=a", HttpStatusCode.NotFound)]
    [InlineData("/models", HttpStatusCode.OK)]
    [InlineData("/model?model=a", HttpStatusCode.NotFound)]
    [InlineData("/references", HttpStatusCode.OK)]
    [InlineData("/references?model=a", HttpStatusCode.OK)]
    [InlineData("/rejected", HttpStatusCode.OK)]
    [InlineData("/models/", HttpStatusCode.OK)]
    public async Task Every_page_is_served(string path, HttpStatusCode status)
    {
        await using var monitor = await ScrapedMonitor.Start("predictions");
        using var answer = await monitor.SendAsync(HttpMethod.Get, path: path);
        Assert.Equal(status, answer.StatusCode);
        Assert.Contains("</html>", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.False(answer.Headers.Contains("Set-Cookie"));
    }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    private static async Task<Dictionary<string, byte[]>> UnpackedAsync(string tgz)
    {
        var files = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        await using var gzip = new GZipStream(File.OpenRead(tgz), CompressionMode.Decompress);
        await using var tar = new TarReader(gzip);
        while (await tar.GetNextEntryAsync(copyData: true, Cancelled) is { } entry)
        {
            using var content = new MemoryStream();
            await (entry.DataStream?.CopyToAsync(content, Cancelled) ?? Task.CompletedTask);
            files[entry.Name] = content.ToArray();
        }

        return files;
    }
}
