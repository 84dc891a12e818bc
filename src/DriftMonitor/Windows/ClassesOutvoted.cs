using DriftMonitor.Display;

namespace DriftMonitor.Windows;

/// <summary>
/// Says that another class space takes over for a model whose classes are only inferred, since most of its events did not fit them.
/// </summary>
/// <param name="Model">The model, all of whose windows start anew.</param>
/// <param name="From">The class space that was in force.</param>
/// <param name="To">The one that is from now on.</param>
/// <param name="AtMs">The end of the minute that decided, epoch milliseconds.</param>
/// <param name="Misfits">How many events of the minute did not fit.</param>
/// <param name="Events">How many events it had.</param>
public sealed record ClassesOutvoted(string Model, ClassSpace From, ClassSpace To, long AtMs, long Misfits, long Events) : StageEvent
{
    private const int MostNames = 10;

    /// <summary>What changed, for people: <c>from 3 (cat, dog, fox) to 4 (ant, cat, dog, fox)</c>.</summary>
    public string Change => $"from {Shown(From)} to {Shown(To)}";

    private static string Shown(ClassSpace space) => string.Create(
        CultureInfo.InvariantCulture,
        $"{space.DistinctNames.Count} ({string.Join(", ", space.DistinctNames.Take(MostNames).Select(DisplayText.Of))}"
        + $"{(space.DistinctNames.Count > MostNames ? ", …" : "")})");
}
