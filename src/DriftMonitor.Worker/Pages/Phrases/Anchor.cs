using System.Security.Cryptography;

namespace DriftMonitor.Worker.Pages.Phrases;

/// <summary>Ids of parts of a page that names stand for: a browser keeps what is open, and what has the focus, by them.</summary>
internal static class Anchor
{
    private const int Digits = 12;

    /// <summary>An id that is the same for the same names, on every replica; names may hold what an id may not.</summary>
    public static string Of(params ReadOnlySpan<string?> names) =>
        $"of-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\0', names))))[..Digits]}";
}
