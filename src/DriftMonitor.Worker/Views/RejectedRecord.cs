namespace DriftMonitor.Worker.Views;

/// <summary>Where a record stands.</summary>
/// <param name="Partition">Its partition.</param>
/// <param name="Offset">Its offset.</param>
/// <param name="Row">Its row; null for a record of one.</param>
/// <param name="RecordTimeMs">Its own time, epoch milliseconds.</param>
/// <param name="Where">What of it is meant, such as the path of a field.</param>
/// <param name="WhatToDo">What to do about it; null where the reason says so.</param>
internal sealed record RejectedRecord(int Partition, long Offset, int? Row, long RecordTimeMs, string? Where, string? WhatToDo);
