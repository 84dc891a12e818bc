namespace DriftMonitor.Worker.Formats;

/// <summary>The time of an event: whole epoch milliseconds, or a string by RFC 3339, within the years 2000 to 2100 (UTC).</summary>
/// <remarks>
/// By hand because the framework's parsers also take what has no offset, as local time: the same payload would mean another moment on
/// another machine. What RFC 3339 leaves open: <c>T</c>, <c>t</c> or a space stands between date and time; a fraction is cut off after
/// milliseconds; a leap second (23:59:60 UTC) is the second after it.
/// </remarks>
internal static class JsonTimestamp
{
    private const long Earliest = 946_684_800_000; // 2000-01-01T00:00:00Z
    private const long End = 4_133_980_800_000; // 2101-01-01T00:00:00Z
    private const long MsPerDay = 86_400_000;
    private const int MaxLength = 64;

    /// <summary>Whether a time lies within the years allowed.</summary>
    public static bool IsAllowed(long epochMs) => epochMs is >= Earliest and < End;

    /// <summary>Reads the value that the reader stands on.</summary>
    /// <returns>False when it is no timestamp or outside the years allowed.</returns>
    public static bool TryRead(ref readonly Utf8JsonReader reader, out long epochMs)
    {
        epochMs = 0;
        return reader.TokenType switch
        {
            JsonTokenType.Number => reader.TryGetInt64(out epochMs) && IsAllowed(epochMs),
            JsonTokenType.String => TryReadText(in reader, out epochMs),
            _ => false,
        };
    }

    private static bool TryReadText(ref readonly Utf8JsonReader reader, out long epochMs)
    {
        if (!reader.ValueIsEscaped) // some serializers escape the + of an offset
        {
            return TryParse(reader.ValueSpan, out epochMs);
        }

        epochMs = 0;
        Span<byte> text = stackalloc byte[6 * MaxLength];
        return reader.ValueSpan.Length <= text.Length
            && JsonNames.TryUnescape(reader.ValueSpan, text, out var length)
            && TryParse(text[..length], out epochMs);
    }

    /// <summary>Reads a time by RFC 3339.</summary>
    /// <returns>False when it is none or outside the years allowed.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out long epochMs)
    {
        epochMs = 0;
        if (text.Length is < 20 or > MaxLength // 2026-01-01T00:00:00Z is the shortest
                || text[4] != '-'
                || text[7] != '-'
                || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ')
                || text[13] != ':'
                || text[16] != ':')
        {
            return false;
        }

        var (year, month, day) = (Number(text[..4]), Number(text[5..7]), Number(text[8..10]));
        var (hour, minute, second) = (Number(text[11..13]), Number(text[14..16]), Number(text[17..19]));
        if (year is < 1999 or > 2101 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60
            || !TryParseFraction(text[19..], out var milliseconds, out var offset)
            || !TryParseOffset(offset, out var offsetMinutes))
        {
            return false;
        }

        var midnight = new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var whole = midnight + (((((hour * 60L) + minute - offsetMinutes) * 60) + second) * 1000);
        epochMs = whole + milliseconds;
        return IsAllowed(epochMs) && (second < 60 || whole % MsPerDay == 0);
    }

    private static bool TryParseFraction(ReadOnlySpan<byte> text, out int milliseconds, out ReadOnlySpan<byte> rest)
    {
        milliseconds = 0;
        rest = text;
        if (text[0] != '.')
        {
            return true;
        }

        var digits = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        if (digits < 1)
        {
            return false; // no digit, or nothing after the digits
        }

        for (var i = 1; i <= 3; i++)
        {
            milliseconds = (milliseconds * 10) + (i <= digits ? text[i] - '0' : 0);
        }

        rest = text[(1 + digits)..];
        return true;
    }

    private static bool TryParseOffset(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        if (text is [(byte)'Z' or (byte)'z'])
        {
            return true;
        }

        if (text is not [(byte)'+' or (byte)'-', _, _, (byte)':', _, _])
        {
            return false;
        }

        var (hour, minute) = (Number(text[1..3]), Number(text[4..6]));
        minutes = ((hour * 60) + minute) * (text[0] == '-' ? -1 : 1);
        return hour is >= 0 and <= 23 && minute is >= 0 and <= 59;
    }

    /// <summary>A number of decimal digits only, −1 when it is none.</summary>
    private static int Number(ReadOnlySpan<byte> digits)
    {
        var number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit((char)digit))
            {
                return -1;
            }

            number = (number * 10) + digit - '0';
        }

        return number;
    }
}
