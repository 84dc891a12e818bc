using FluentValidation;

namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>DeadLetter</c>.</summary>
internal sealed class DeadLetterOptions
{
    /// <summary>The topic that rejected records are copied to, made when missing; empty for none.</summary>
    public string Topic { get; set; } = "";

    internal sealed class Validator : AbstractValidator<DeadLetterOptions>
    {
        public Validator() => RuleFor(deadLetter => deadLetter.Topic).TopicOrNone();
    }
}
