namespace DriftMonitor.Worker.Configuration;

/// <summary>What an exception says, as one line for whoever can mend it: without the framework's word on which parameter it was.</summary>
internal static class Words
{
    public static string Of(Exception problem)
    {
        var parameter = problem is ArgumentException { ParamName: { } name } ? $" (Parameter '{name}')" : "";
        var message = problem.Message.ReplaceLineEndings(" ");
        return parameter.Length > 0 ? message.Replace(parameter, "", StringComparison.Ordinal) : message;
    }
}
