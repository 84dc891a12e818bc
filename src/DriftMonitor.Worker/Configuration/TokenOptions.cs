namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote of a token: who has it, and what it allows.</summary>
internal sealed class TokenOptions
{
    /// <summary>To see. Where any token has this role, nobody sees anything without a token.</summary>
    public const string Read = "read";

    /// <summary>To see, to acknowledge alarms, and to change references.</summary>
    public const string Change = "change";

    /// <summary>Whose it is, as the log has it.</summary>
    public string Name { get; set; } = "";

    /// <summary><c>read</c> to see, <c>change</c> also to acknowledge alarms and to change references.</summary>
    public string Role { get; set; } = Read;

    /// <summary>The file that holds it.</summary>
    public string File { get; set; } = "";
}
