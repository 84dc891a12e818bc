using FluentValidation;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>Http</c>.</summary>
internal sealed class HttpOptions
{
    /// <summary>Where people reach the monitor, which the links of alerts lead to; empty for the address that Prometheus scrapes.</summary>
    public string PublicUrl { get; set; } = "";

    /// <summary>
    /// Where other replicas and programs reach this replica, which is said in statuses; empty for its machine's name and port.
    /// </summary>
    public string AdvertisedUrl { get; set; } = "";

    /// <summary>
    /// An address of their own for <c>/metrics</c> and <c>/health</c>, which then are not served elsewhere; empty for those of all else.
    /// </summary>
    public string MetricsUrl { get; set; } = "";

    /// <summary>What replicas of one group have in common and nobody else knows.</summary>
    public SecretOptions PeerSecret { get; set; } = new();

    /// <summary>Who may read or change what, where not everybody may.</summary>
    public TokenOptions[] Tokens { get; set; } = [];

    internal sealed class Validator : AbstractValidator<HttpOptions>
    {
        public Validator()
        {
            RuleFor(http => http.PublicUrl).PageOrNone();
            RuleFor(http => http.AdvertisedUrl).PageOrNone();
            RuleFor(http => http.MetricsUrl).MustBe(
                url => url.Length == 0 || (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri is { Scheme: "http", Port: > 0 }),
                "http://host:port, or empty for none");
            RuleForEach(http => http.Tokens).ChildRules(token =>
            {
                token.RuleFor(each => each.Name).MustBe(
                    name => name.Length is > 0 and <= 64 && !name.Any(DisplayText.IsUnsafe), "a name of 1 to 64 characters, for the log");
                token.RuleFor(each => each.Role).MustBe(role => role is TokenOptions.Read or TokenOptions.Change, "read or change");
                token.RuleFor(each => each.File).MustBe(file => file.Length > 0, "the file that holds the token");
            });
            RuleFor(http => http).Custom((http, context) =>
            {
                for (var i = 0; i < http.Tokens.Length; i++)
                {
                    var name = http.Tokens[i].Name;
                    if (name.Length > 0 && http.Tokens[..i].Any(token => token.Name == name))
                    {
                        context.Problem($"Tokens:{i}:Name", name, "is the name of another token already: each must have its own name");
                    }
                }
            });
        }
    }
}
