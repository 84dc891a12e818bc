namespace DriftMonitor.Display;

/// <summary>What an exception says, as one line without the framework's suffix that names the parameter.</summary>
public static class ErrorText
{
    /// <summary>The message on one line.</summary>
    public static string Of(Exception problem)
    {
        var parameter = problem is ArgumentException { ParamName: { } name } ? $" (Parameter '{name}')" : "";
        var message = problem.Message.ReplaceLineEndings(" ");
        return parameter.Length > 0 ? message.Replace(parameter, "", StringComparison.Ordinal) : message;
    }
}
