namespace DriftMonitor.Worker.Formats;

/// <summary>Reads arrays of numbers without a token a number.</summary>
/// <remarks>
/// A decimal whose digits, the point left out, are an integer of at most 2⁵³ and whose power of ten is at most 22 is one correctly rounded
/// division or multiplication of two doubles that are exact (W. D. Clinger, <i>How to read floating point numbers accurately</i>, 1990), so
/// it has the same bits as <see cref="double.Parse(string)"/> gives; every other number goes there. The grammar is JSON's; for anything
/// that is no plain array of numbers the answer is "not here" and the JSON reader, which knows all the rest and the reasons, reads the
/// array again. What its exponent makes less than 10⁻³⁰⁰ is 0: the framework takes 25 times as long for a subnormal number as a JSON reader
/// for its token. What it bought, in records of ten six-digit probabilities decoded a second on one core: 1.7 million with a token a
/// number, 2.5 million without; a bare token loop that leaves the numbers to the framework does 1.3 million.
/// </remarks>
internal static class JsonNumbers
{
    private const ulong MaxExactInteger = 1UL << 53;
    private const int MaxExactPower = 22;
    private const int MaxDigits = 19; // more could overflow 64 bits
    private const int LeastPower = -300;
    private const int MaxExponentDigits = 9; // more overflow an int; such numbers are the framework's

    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>The number that a JSON number token says, an infinity when it is too large.</summary>
    public static double Parse(ReadOnlySpan<byte> token)
    {
        var end = 0;
        return TryReadNumber(token, ref end, out var value) ? value : double.NaN;
    }

    /// <summary>A number that a JSON string holds, or NaN or an infinity as most writers spell them.</summary>
    public static bool TryParseText(ReadOnlySpan<byte> text, out double value)
    {
        var end = 0;
        return (TryReadNumber(text, ref end, out value) && end == text.Length) || TryParseNotFinite(text, out value);
    }

    private static bool TryParseNotFinite(ReadOnlySpan<byte> text, out double value)
    {
        value = text.SequenceEqual("Infinity"u8) ? double.PositiveInfinity
            : text.SequenceEqual("-Infinity"u8) ? double.NegativeInfinity
            : double.NaN;
        return !double.IsNaN(value) || text.SequenceEqual("NaN"u8);
    }

    /// <summary>Reads numbers up to the array's end.</summary>
    /// <param name="json">What follows the array's opening bracket.</param>
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

    /// <summary>Reads the next number of a flat array.</summary>
    /// <param name="at">Where it begins, then where the one after it does.</param>
    /// <param name="isLast">Whether the array ends behind it.</param>
    /// <returns>False when there is something else.</returns>
    public static bool TryReadNext(ReadOnlySpan<byte> json, ref int at, out double value, out bool isLast)
    {
        isLast = false;
        if (!TryReadNumber(json, ref at, out value) || at >= json.Length)
        {
            return false;
        }

        isLast = json[at] == ']';
        if (json[at] == ',' && ++at < json.Length && json[at] == ' ')
        {
            at++;
            return true;
        }

        return isLast || json[at - 1] == ',';
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
        var whole = json.Length > first && json[first] == '0' ? 0 : count;
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
        var power = 0;
        if (exponent && !TryReadExponent(json, ref i, out power))
        {
            return false;
        }

        at = i;
        if (whole + power <= LeastPower)
        {
            value = negative ? -0.0 : 0.0;
            return true;
        }

        if (exponent || count > MaxDigits || digits > MaxExactInteger || fraction > MaxExactPower)
        {
            return double.TryParse(json[start..i], NumberStyles.Float, CultureInfo.InvariantCulture, out value);
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

    private static bool TryReadExponent(ReadOnlySpan<byte> json, ref int at, out int power)
    {
        at++;
        var negative = at < json.Length && json[at] == '-';
        if (at < json.Length && json[at] is (byte)'+' or (byte)'-')
        {
            at++;
        }

        var first = at;
        var digits = 0UL;
        SkipDigits(json, ref at, ref digits);
        power = at - first > MaxExponentDigits ? 0 : negative ? -(int)digits : (int)digits;
        return at > first;
    }
}
