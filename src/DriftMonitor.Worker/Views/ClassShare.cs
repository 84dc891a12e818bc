namespace DriftMonitor.Worker.Views;

/// <summary>A class, and its shares of live traffic and of the reference.</summary>
/// <param name="Class">Its name.</param>
/// <param name="ContributionNats">What it adds to KL(live‖reference).</param>
/// <param name="LiveShare">Its share of the live window, in [0, 1].</param>
/// <param name="ReferenceShare">Its share of the reference.</param>
internal sealed record ClassShare(string Class, double ContributionNats, double LiveShare, double ReferenceShare)
{
    public static ClassShare Of(ClassContribution of) => new(of.Class, of.Nats, of.LiveShare, of.ReferenceShare);
}
