using System.Security.Cryptography;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Peers;

namespace DriftMonitor.Worker.Http;

/// <summary>Who may read or change what: the tokens, kept as hashes, and the secret of the replicas.</summary>
/// <param name="Tokens">The SHA-256 of each token, whose it is and whether it allows changes.</param>
/// <param name="Peers">Null where replicas do not ask each other.</param>
internal sealed record AccessTokens(ImmutableArray<(byte[] Hash, string Name, bool MayChange)> Tokens, PeerSecret? Peers)
{
    /// <summary>The fewest characters that a token has.</summary>
    public const int Shortest = 16;

    /// <summary>There are none: everybody reads, nobody changes anything.</summary>
    public static AccessTokens None { get; } = new([], null);

    /// <summary>Whether reading needs a token.</summary>
    public bool ReadingNeedsToken => Tokens.Any(token => !token.MayChange);

    /// <summary>Whether any token allows changes.</summary>
    public bool AllowChanges => Tokens.Any(token => token.MayChange);

    /// <summary>Reads the files.</summary>
    /// <exception cref="InvalidConfigurationException">Lists those that hold none.</exception>
    public static AccessTokens Read(HttpSettings settings)
    {
        var problems = new List<string>();
        var tokens = ImmutableArray.CreateBuilder<(byte[], string, bool)>();
        for (var i = 0; i < settings.Tokens.Length; i++)
        {
            var (name, mayChange, file) = settings.Tokens[i];
            if (SettingFile.Read($"Http:Tokens:{i.ToString(CultureInfo.InvariantCulture)}:File", file, Shortest, problems) is { } token)
            {
                tokens.Add((Hash(token), name, mayChange));
            }
        }

        var secret = settings.PeerSecretFile is { } path
            ? SettingFile.Read("Http:PeerSecret:File", path, PeerSecret.Shortest, problems)
            : null;
        return problems.Count > 0
            ? throw new InvalidConfigurationException([.. problems])
            : new(tokens.DrainToImmutable(), secret is null ? null : new PeerSecret(Encoding.UTF8.GetBytes(secret)));
    }

    /// <summary>
    /// Whose a token is, and whether it allows changes; null for one that nobody has. All are compared, each in the same time.
    /// </summary>
    public (string Name, bool MayChange)? Find(string token)
    {
        var (hash, found) = (Hash(token), default((string, bool)?));
        foreach (var known in Tokens)
        {
            if (CryptographicOperations.FixedTimeEquals(known.Hash, hash))
            {
                found = (known.Name, known.MayChange);
            }
        }

        return found;
    }

    private static byte[] Hash(string token) => SHA256.HashData(Encoding.UTF8.GetBytes(token));
}
