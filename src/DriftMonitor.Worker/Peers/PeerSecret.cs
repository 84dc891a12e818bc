using System.Security.Cryptography;

namespace DriftMonitor.Worker.Peers;

/// <summary>
/// What the replicas of a group have in common and nobody else knows. Requests between them are signed with it, and it never travels: the
/// address of a replica comes from a topic, and who writes there must not learn it.
/// </summary>
/// <remarks>
/// A signature is the HMAC-SHA256 of the method, the address that the receiver says of itself, the path with its query, the body and for
/// whom the request is made, at a second that the receiver's clock may differ from by a minute. Within that minute who overhears a request
/// can send it to the same receiver again, and to nobody else.
/// </remarks>
internal sealed class PeerSecret(byte[] secret)
{
    /// <summary>The header with the second and the signature.</summary>
    public const string Header = "DriftMonitor-Peer";

    /// <summary>The header that says for whom a request is made.</summary>
    public const string UserHeader = "DriftMonitor-Peer-User";

    /// <summary>The fewest characters that a secret has.</summary>
    public const int Shortest = 16;

    private const long MostOffSeconds = 60;

    /// <summary>The header's value.</summary>
    /// <param name="peer">The address of the receiver, as it says in its statuses.</param>
    /// <param name="pathAndQuery">As it stands in the request.</param>
    /// <param name="user">For whom it is made; empty for nobody.</param>
    public string Sign(string method, string peer, string pathAndQuery, string user, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        var second = now.ToUnixTimeSeconds();
        return string.Create(
            CultureInfo.InvariantCulture, $"{second} {Convert.ToBase64String(Hash(method, peer, pathAndQuery, user, body, second))}");
    }

    /// <summary>Whether a header's value is the signature of a request, made just now.</summary>
    public bool Verifies(
        string header, string method, string peer, string pathAndQuery, string user, ReadOnlySpan<byte> body, DateTimeOffset now)
    {
        Span<byte> signature = stackalloc byte[HMACSHA256.HashSizeInBytes];
        return header.Split(' ') is [var at, var signed]
            && long.TryParse(at, NumberStyles.None, CultureInfo.InvariantCulture, out var second)
            && Math.Abs((decimal)now.ToUnixTimeSeconds() - second) <= MostOffSeconds
            && Convert.TryFromBase64String(signed, signature, out var length)
            && CryptographicOperations.FixedTimeEquals(signature[..length], Hash(method, peer, pathAndQuery, user, body, second));
    }

    /// <summary>The parts have a length each, so that none of them can take over some of the next.</summary>
    private byte[] Hash(string method, string peer, string pathAndQuery, string user, ReadOnlySpan<byte> body, long second)
    {
        using var hash = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, secret);
        foreach (var part in new[] { second.ToString(CultureInfo.InvariantCulture), method, peer.TrimEnd('/'), pathAndQuery, user })
        {
            var bytes = Encoding.UTF8.GetBytes(part);
            hash.AppendData(BitConverter.GetBytes(bytes.Length));
            hash.AppendData(bytes);
        }

        hash.AppendData(body);
        return hash.GetHashAndReset();
    }
}
