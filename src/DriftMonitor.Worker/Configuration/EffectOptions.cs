namespace DriftMonitor.Worker.Configuration;

/// <summary>What the user wrote under <c>SmallestEffect</c>: the least that is worth an alarm; null where not given.</summary>
internal sealed class EffectOptions
{
    /// <summary>Of the KL divergence from the reference, less its noise floor.</summary>
    public double? KlNats { get; set; }

    /// <summary>Of the cross-entropy of labels, above its baseline.</summary>
    public double? CrossEntropyNats { get; set; }

    /// <summary>Of the KL divergence between two policies, above its baseline.</summary>
    public double? PolicyKlNats { get; set; }

    /// <summary>Of the mean entropy of single outputs, above or below its baseline.</summary>
    public double? EntropyNats { get; set; }

    /// <summary>Of the accuracy by labels, below its baseline: a share.</summary>
    public double? Accuracy { get; set; }
}
