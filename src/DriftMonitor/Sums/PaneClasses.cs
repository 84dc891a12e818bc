namespace DriftMonitor.Sums;

/// <summary>Which class space a pane's cells belong to, as far as the reader of a pane must know it.</summary>
/// <param name="SpaceId">The class space's id. Sums of different ids are never added up.</param>
/// <param name="Generation">Of two ids for one series the higher generation wins, and any over one that has fallen silent.</param>
/// <param name="Inferred">The space if inferred from predictions, so that no reference or configuration can name it; else null.</param>
/// <param name="Choices"><see cref="ClassSpace.Choices"/>.</param>
public sealed record PaneClasses(string SpaceId, long Generation, ClassSpace? Inferred, int Choices = 1);
