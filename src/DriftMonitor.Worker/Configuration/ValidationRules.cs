using System.Text.RegularExpressions;
using FluentValidation;
using FluentValidation.Results;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What the sections' rules have in common. Each message says what is allowed: <c>must be 1 to 1000</c>.</summary>
internal static partial class ValidationRules
{
    private const long LongestIntervalMs = 86_400_000; // timers hold no more than 49 days

    public static IRuleBuilderOptions<T, TValue> MustBe<T, TValue>(
        this IRuleBuilder<T, TValue> rule, Func<TValue, bool> allows, string allowed) =>
        rule.Must(allows).WithMessage($"must be {allowed}");

    public static void Between<T>(this IRuleBuilder<T, int> rule, int least, int most) =>
        rule.MustBe(value => value >= least && value <= most, FormattableString.Invariant($"{least} to {most}"));

    public static IRuleBuilderOptions<T, string> Duration<T>(this IRuleBuilder<T, string> rule, bool mayBeNothing = false) =>
        rule.MustBe(text => IsDuration(text, mayBeNothing), "a whole number of ms, s, m, h or d, up to 36500d, such as 10s");

    /// <summary>How often something is done.</summary>
    public static void Interval<T>(this IRuleBuilder<T, string> rule) =>
        rule.Duration().MustBe(text => !DurationText.TryParse(text, out var ms) || ms <= LongestIntervalMs, "at most 1d");

    public static void TopicOrNone<T>(this IRuleBuilder<T, string> rule) =>
        rule.MustBe(topic => topic.Length == 0 || IsTopic(topic), "a topic's name, or empty for none");

    public static IRuleBuilderOptions<T, string> DirectoryOr<T>(this IRuleBuilder<T, string> rule, string nothing) =>
        rule.MustBe(path => path.Length == 0 || Directory.Exists(path), $"a directory that exists, or empty for {nothing}");

    /// <summary>An address that names of pages are put behind.</summary>
    public static void PageOrNone<T>(this IRuleBuilder<T, string> rule) => rule.MustBe(
        url => url.Length == 0 || IsPage(url),
        "an address of http or https without user, query and fragment, such as https://driftmonitor.example.com, or empty for none");

    /// <summary>An address of any page, which is exported and linked to.</summary>
    public static void LinkOrNone<T>(this IRuleBuilder<T, string> rule) => rule.MustBe(
        url => url.Length == 0 || IsLink(url),
        "an address of http or https without a user, such as https://wiki.example.com/fraud#drift, or empty for none");

    public static void Require<T>(this ValidationContext<T> context, string key, object? value, bool isAllowed, string allowed)
    {
        if (!isAllowed)
        {
            context.Problem(key, value, $"must be {allowed}");
        }
    }

    /// <param name="key">The setting, within the section.</param>
    /// <param name="value">What is written, null when it is not to be shown.</param>
    public static void Problem<T>(this ValidationContext<T> context, string key, object? value, string message) =>
        context.AddFailure(new ValidationFailure(context.PropertyChain.BuildPropertyPath(key), message, value));

    /// <summary>The line that the user reads: the key, the value and what is allowed.</summary>
    public static string Line(ValidationFailure failure)
    {
        var key = Index().Replace(failure.PropertyName, ":$1");
        return failure.AttemptedValue is not null
            ? FormattableString.Invariant($"{key} = '{failure.AttemptedValue}': {failure.ErrorMessage}")
            : key.Length > 0 ? $"{key}: {failure.ErrorMessage}" : failure.ErrorMessage;
    }

    public static bool IsDuration(string text, bool mayBeNothing) =>
        (mayBeNothing && IsNothing(text)) || DurationText.TryParse(text, out _);

    /// <summary>The duration that a valid text says.</summary>
    public static TimeSpan ParseDuration(string text) =>
        IsNothing(text) ? TimeSpan.Zero
        : DurationText.TryParse(text, out var milliseconds) ? TimeSpan.FromMilliseconds(milliseconds)
        : throw new FormatException(text);

    public static bool IsTopic(string name) =>
        name.Length is > 0 and <= 249 && name is not "." and not ".."
        && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    private static bool IsPage(string url) => IsLink(url) && url.IndexOfAny(['?', '#', '\\']) < 0;

    /// <summary>Whether it is an address of http or https without a user.</summary>
    public static bool IsLink(string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
        && uri.UserInfo.Length == 0
        && !url.Any(c => char.IsWhiteSpace(c) || char.IsControl(c));

    /// <summary>What is separated by commas.</summary>
    public static string[] Items(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static bool IsNothing(string text) => text is "0ms" or "0s" or "0m" or "0h" or "0d";

    [GeneratedRegex(@"(?<=^(?:Models|Sources|Http:Tokens))\[(\d+)\]")]
    private static partial Regex Index();
}
