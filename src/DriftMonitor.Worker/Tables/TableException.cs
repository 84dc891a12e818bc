namespace DriftMonitor.Worker.Tables;

/// <summary>A table that cannot be read: which, where and what to do.</summary>
internal sealed class TableException : IOException
{
    public TableException(string file, string problem)
        : base($"{file}: {problem}")
    {
    }

    /// <param name="problem">Ends with what to do.</param>
    /// <param name="cause">What the table's reader says, whose first line is told, too.</param>
    public TableException(string file, string problem, Exception cause)
        : base($"{file}: {problem} ({cause.GetBaseException().Message.Split('\n')[0].Trim()})", cause)
    {
    }
}
