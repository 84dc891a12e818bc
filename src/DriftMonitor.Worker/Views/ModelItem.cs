namespace DriftMonitor.Worker.Views;

/// <summary>A model, as lists show it. By its last status, or what this replica knows of it.</summary>
/// <param name="Model">The model.</param>
/// <param name="State">Whether it is guarded, and if not, why.</param>
/// <param name="StateSinceMs">Since when, epoch milliseconds; null when that is not known.</param>
/// <param name="LatestEventMs">The time of its latest event; null when none is known.</param>
/// <param name="Critical">
/// How many of its alarms that are on reach people as critical, without warnings whose critical alarm is on.
/// </param>
/// <param name="Warnings">How many as warnings.</param>
/// <param name="Owner">Whose the model is; null when nobody has said so.</param>
/// <param name="Team">Whom its alerts reach; likewise.</param>
/// <param name="ReferenceId">The reference in use; null for none.</param>
/// <param name="ReferenceVersion">Its version.</param>
/// <param name="Replica">The replica that owns it; null where none does, since nothing but rejected records is known of it.</param>
/// <param name="WrittenMs">When the owner last said so, wall-clock time; null of the models of the replica that answers.</param>
/// <param name="IsOwnerGone">Whether the owner has not said anything for so long that it is gone: all this is then as it was.</param>
internal sealed record ModelItem(
    string Model, ModelState State, long? StateSinceMs, long? LatestEventMs, int Critical, int Warnings, string? Owner, string? Team,
    string? ReferenceId, int? ReferenceVersion, string? Replica, long? WrittenMs, bool IsOwnerGone);
