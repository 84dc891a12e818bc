using System.Globalization;
using System.Text;
using System.Text.Json;
using CsCheck;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class JsonNumbersTests
{
    private static readonly string[] Formats = ["R", "F0", "F3", "F6", "F15", "F20", "E5", "E17", "G15"];

    [Theory]
    [InlineData("0")]
    [InlineData("-0.0")]
    [InlineData("0.1")]
    [InlineData("9007199254740992")] // 2⁵³
    [InlineData("9007199254740993")] // halfway between two doubles
    [InlineData("9007199254740993.0000000000000000000001")]
    [InlineData("0.9007199254740993")]
    [InlineData("0.0000000000000000000001")] // 10⁻²²
    [InlineData("0.00000000000000000000001")]
    [InlineData("18446744073709551616")] // 2⁶⁴
    [InlineData("99999999999999999999999999")]
    [InlineData("0.1e-298")]
    [InlineData("1e-400")]
    [InlineData("0e99999999999999")]
    [InlineData("1.7976931348623157E+308")]
    public void Parse_HasTheBitsOfTheFramework(string number) =>
        Assert.Equal(Bits(double.Parse(number, CultureInfo.InvariantCulture)), Bits(JsonNumbers.Parse(Encoding.UTF8.GetBytes(number))));

    /// <summary>Subnormal numbers take the framework long, and mean nothing as probabilities, logits or scores.</summary>
    [Theory]
    [InlineData("4.9e-324", 0.0)]
    [InlineData("2.2250738585072011e-308", 0.0)]
    [InlineData("-22e-309", -0.0)]
    [InlineData("0.9e-300", 0.0)]
    [InlineData("1e-300", 1e-300)]
    [InlineData("100000e-304", 1e-299)]
    [InlineData("0e-400", 0.0)]
    public void Parse_OfWhatIsLessThan1e_300_IsZero(string number, double expected) =>
        Assert.Equal(Bits(expected), Bits(JsonNumbers.Parse(Encoding.UTF8.GetBytes(number))));

    [Fact]
    public void Parse_OfAnyNumber_HasTheBitsOfTheFramework() =>
        Gen.Select(Gen.Double, Gen.Int[0, Formats.Length - 1].Select(i => Formats[i])).Sample(
            (value, format) =>
            {
                var text = value.ToString(format, CultureInfo.InvariantCulture);
                return !double.IsFinite(value) || Math.Abs(value) < 1e-300
                    || Bits(double.Parse(text, CultureInfo.InvariantCulture)) == Bits(JsonNumbers.Parse(Encoding.UTF8.GetBytes(text)));
            },
            iter: 100_000);

    [Fact]
    public void Parse_OfDecimals_HasTheBitsOfTheFramework() =>
        Gen.Select(Gen.Long[0, 999_999_999_999_999_999], Gen.Int[0, 24], Gen.Bool).Sample(
            (digits, places, negative) =>
            {
                var padded = digits.ToString(CultureInfo.InvariantCulture).PadLeft(places + 1, '0');
                var text = (negative ? "-" : "") + padded[..^places] + (places > 0 ? "." + padded[^places..] : "");
                return Bits(double.Parse(text, CultureInfo.InvariantCulture)) == Bits(JsonNumbers.Parse(Encoding.UTF8.GetBytes(text)));
            },
            iter: 100_000);

    [Fact]
    public void Array_ThatIsRead_IsOneForTheJsonReaderToo() =>
        Gen.Char["0123456789012345.-+eE,,, ]"].Array[0, 30].Sample(
            characters =>
            {
                var text = new string(characters) + "]";
                var values = new OutputValues();
                values.Clear(named: false);
                if (!JsonNumbers.TryReadArray(Encoding.UTF8.GetBytes(text), values, out var end))
                {
                    return;
                }

                Assert.Equal(text.IndexOf(']', StringComparison.Ordinal), end);
                using var document = JsonDocument.Parse("[" + text[..(end + 1)]);
                Assert.Equal(
                    document.RootElement.EnumerateArray().Select(n => Bits(UnlessTiny(n.GetDouble()))),
                    values.Values.ToArray().Select(value => Bits(UnlessTiny(value))));
            },
            iter: 200_000);

    private static double UnlessTiny(double value) => Math.Abs(value) < 1e-300 ? 0 : value;

    private static long Bits(double value) => BitConverter.DoubleToInt64Bits(value);
}
