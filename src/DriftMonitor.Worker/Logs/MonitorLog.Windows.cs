namespace DriftMonitor.Worker.Logs;

/// <content>Stage 2: windows, classes, and replicas that cannot be understood.</content>
internal static partial class MonitorLog
{
    [LoggerMessage(1301, LogLevel.Error, "{Series} over {Window} could not be evaluated")]
    public static partial void EvaluationFailed(this ILogger log, Exception fault, string series, string window);

    [LoggerMessage(1302, LogLevel.Warning, "{Model}: its classes have changed; its windows have started anew")]
    public static partial void ClassesChanged(this ILogger log, string model);

    [LoggerMessage(1303, LogLevel.Warning,
        "{Model}: {Percent:0.#} % of its outputs over {Window} are of classes that its first prediction did not name, and count "
        + "together as {Other}: name all its classes in Models, or give it a reference")]
    public static partial void ClassesUnnamed(this ILogger log, string model, double percent, string window, string other);

    [LoggerMessage(1304, LogLevel.Warning,
        "{Model}: its classes have changed {Change}, and its windows have started anew: {Misfits} of {Events} predictions until "
        + "{Time:u} did not fit")]
    public static partial void ClassesOutvoted(
        this ILogger log, string model, string change, long misfits, long events, DateTimeOffset time);

    [LoggerMessage(1305, LogLevel.Warning,
        "the replica that reads {Source} cannot be understood: {Why}. Its predictions are missing here and no window is ready: let "
        + "all replicas of the group run with the same Windows settings and one version")]
    public static partial void ReplicaUnreadable(this ILogger log, string source, string why);

    [LoggerMessage(1306, LogLevel.Warning,
        "{Source} is of another topic than it was: it was deleted and created again while nobody read it. Windows that reach back to "
        + "before {Time:u} are not ready")]
    public static partial void SourceReplaced(this ILogger log, string source, DateTimeOffset time);

    [LoggerMessage(1307, LogLevel.Warning,
        "{Topic} [{Partition}]: {Records} records are of a newer version of DriftMonitor and cannot be read; its windows start anew "
        + "from {Panes}: let all replicas run one version")]
    public static partial void RollupsUnreadable(this ILogger log, string topic, int partition, int records, string panes);

    [LoggerMessage(1308, LogLevel.Warning,
        "the replica that joins partition {Source} of {Topic} has other panes ({Theirs}; here {Ours}): no feedback window is complete "
        + "until all replicas of the group run with the same Windows and Feedback settings and one version")]
    public static partial void LabelPanesUnreadable(this ILogger log, int source, string topic, string theirs, string ours);
}
