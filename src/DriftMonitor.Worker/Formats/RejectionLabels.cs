namespace DriftMonitor.Worker.Formats;

/// <summary>Rejection reasons as labels: <c>wrong_arity</c>.</summary>
internal static class RejectionLabels
{
    private static readonly string[] Labels =
        [.. Enum.GetNames<RejectionReason>().Select(SnakeCaseName.Of)];

    public static string Of(RejectionReason reason) => Labels[(int)reason];
}
