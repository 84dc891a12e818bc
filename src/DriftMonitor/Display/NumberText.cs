namespace DriftMonitor.Display;

/// <summary>Numbers as text for people. A dash stands for a number that is missing or not finite.</summary>
public static class NumberText
{
    private const double Small = 0.001;

    /// <summary>A number of nats with four decimals; a smaller one by its first digits, since those of long windows may be tiny.</summary>
    public static string Nats(double? value) =>
        Text(value, value is { } nats && nats != 0 && Math.Abs(nats) < Small ? "0.00e-0" : "0.0000");

    /// <summary>A number of nats with five decimals, so that the numbers of a column line up.</summary>
    public static string NatsInColumn(double? value) => Text(value, "0.00000");

    /// <summary>A share or a score with three decimals.</summary>
    public static string Ratio(double? value) => Text(value, "0.000");

    /// <summary>A share in percent with one decimal.</summary>
    public static string Percent(double? value) => Text(value * 100, "0.0 '%'");

    /// <summary>A number by its first three digits.</summary>
    public static string ThreeDigits(double value) => value.ToString("G3", CultureInfo.InvariantCulture);

    private static string Text(double? value, string format) =>
        value is { } number && double.IsFinite(number) ? number.ToString(format, CultureInfo.InvariantCulture) : "–";
}
