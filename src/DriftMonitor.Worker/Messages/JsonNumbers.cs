using System.Globalization;

namespace DriftMonitor.Worker.Messages;

/// <summary>Reads arrays of numbers without a token a number.</summary>
/// <remarks>
/// A decimal whose digits, the point left out, are an integer of at most 2⁵³ and whose power of ten is at most 22 is one correctly rounded
/// division or multiplication of two doubles that are exact (W. D. Clinger, <i>How to read floating point numbers accurately</i>, 1990), so it
/// has the same bits as <see cref="double.Parse(string)"/> gives; every other number goes there. The grammar is JSON's; for anything that is no plain array of
/// numbers the answer is "not here" and the JSON reader, which knows all the rest and the reasons, reads the array again.
/// </remarks>
internal static class JsonNumbers
{
    private const ulong MaxExactInteger = 1UL << 53;
    private const int MaxExactPower = 22;
    private const int MaxDigits = 19; // more could overflow 64 bits

    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>The number that a JSON number token says; NaN when it is none, an infinity when it is too large.</summary>
    public static double Parse(ReadOnlySpan<byte> token) =>
        double.TryParse(token, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) ? value : double.NaN;

    /// <summary>Reads numbers up to the array's end.</summary>
    /// <param name="json">What follows the array's opening bracket.</param>
    /// <param name="values">Receives the numbers.</param>
    /// <param name="end">Where the closing bracket stands.</param>
    /// <returns>False when the JSON reader must read it: no numbers, something else than numbers, too many, or no JSON.</returns>
    public static bool TryReadArray(ReadOnlySpan<byte> json, OutputValues values, out int end)
    {
        end = 0;
        while (TryReadNumber(json, ref end, out var value) && values.TryAdd(value) && end < json.Length)
        {
            switch (json[end])
            {
                case (byte)']':
                    return true;
                case (byte)',':
                    end++;
                    if (end < json.Length && json[end] == ' ')
                    {
                        end++;
                    }

                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    private static bool TryReadNumber(ReadOnlySpan<byte> json, ref int at, out double value)
    {
        value = 0;
        var start = at;
        var i = at;
        var negative = i < json.Length && json[i] == '-';
        if (negative)
        {
            i++;
        }

        var digits = 0UL;
        var first = i;
        SkipDigits(json, ref i, ref digits);
        var count = i - first;
        if (count == 0 || (count > 1 && json[first] == '0')) // no digit, or a leading zero
        {
            return false;
        }

        var fraction = 0;
        if (i < json.Length && json[i] == '.')
        {
            var point = i++;
            SkipDigits(json, ref i, ref digits);
            fraction = i - point - 1;
            count += fraction;
            if (fraction == 0)
            {
                return false;
            }
        }

        var exponent = i < json.Length && (json[i] | 0x20) == 'e';
        if (exponent && !SkipExponent(json, ref i))
        {
            return false;
        }

        at = i;
        if (exponent || count > MaxDigits || digits > MaxExactInteger || fraction > MaxExactPower)
        {
            value = Parse(json[start..i]);
            return true;
        }

        value = digits / PowersOfTen[fraction];
        value = negative ? -value : value;
        return true;
    }

    private static void SkipDigits(ReadOnlySpan<byte> json, ref int at, ref ulong digits)
    {
        var i = at;
        var number = digits;
        for (; i < json.Length; i++)
        {
            var digit = (uint)(json[i] - '0');
            if (digit > 9)
            {
                break;
            }

            number = (number * 10) + digit;
        }

        at = i;
        digits = number;
    }

    private static bool SkipExponent(ReadOnlySpan<byte> json, ref int at)
    {
        at++;
        if (at < json.Length && json[at] is (byte)'+' or (byte)'-')
        {
            at++;
        }

        var first = at;
        var ignored = 0UL;
        SkipDigits(json, ref at, ref ignored);
        return at > first;
    }
}
