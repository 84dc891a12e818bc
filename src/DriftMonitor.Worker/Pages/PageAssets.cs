using System.Collections.Frozen;
using System.Reflection;

namespace DriftMonitor.Worker.Pages;

/// <summary>The files that pages load. The program brings them: no request leaves the host.</summary>
/// <remarks>
/// <c>assets/versions.json</c> names those of others, with their versions, licences and hashes; <c>site.css</c> and <c>site.js</c> are
/// our own.
/// </remarks>
internal static class PageAssets
{
    private const string Prefix = "assets/";
    private static readonly Assembly Program = typeof(PageAssets).Assembly;

    /// <summary>All of them by their names.</summary>
    public static FrozenDictionary<string, PageAsset> ByName { get; } = Program.GetManifestResourceNames()
        .Where(resource => resource.StartsWith(Prefix, StringComparison.Ordinal))
        .Select(resource => Read(resource[Prefix.Length..]))
        .ToFrozenDictionary(asset => asset.Name, StringComparer.Ordinal);

    /// <summary>Where a page one level deep loads a file from.</summary>
    public static string Address(string name) => $"{Prefix}{name}?v={ByName[name].Version}";

    private static PageAsset Read(string name)
    {
        using var resource = Program.GetManifestResourceStream(Prefix + name)!;
        var bytes = new byte[resource.Length];
        resource.ReadExactly(bytes);
        return new PageAsset(name, bytes);
    }
}
