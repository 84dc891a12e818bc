using System.Buffers.Text;

namespace DriftMonitor.Worker.Formats;

/// <summary>The time of an event, within the years 2000 to 2100 (UTC): a number since 1970, or ISO 8601 as programs write it.</summary>
/// <remarks>
/// A number may have a fraction or stand in a string; its unit is the source's. Text is date and time down to the minute at least, as
/// RFC 3339, Python, Java and Go write them: <c>T</c>, <c>t</c> or a space between date and time; a fraction after a point or a comma, cut
/// off after milliseconds; a zone of <c>Z</c>, <c>+01:00</c>, <c>+0100</c> or <c>+01</c>, with or without a space before it and a name
/// behind it. What has no zone is in the source's, or UTC: an hour that comes twice is the later one, one that the clocks leap over is
/// counted on from before the leap. By hand because the framework's parsers take it as local time: the same payload would mean another
/// moment on another machine. A leap second (23:59:60 UTC) is the second after it.
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
    public static bool TryRead(ref readonly Utf8JsonReader reader, TimeForm form, out long epochMs)
    {
        epochMs = 0;
        return reader.TokenType switch
        {
            JsonTokenType.Number => TryParseNumber(reader.ValueSpan, form.Unit, out epochMs),
            JsonTokenType.String => TryReadText(in reader, form, out epochMs),
            _ => false,
        };
    }

    private static bool TryReadText(ref readonly Utf8JsonReader reader, TimeForm form, out long epochMs)
    {
        if (!reader.ValueIsEscaped) // some serializers escape the + of an offset
        {
            return TryParseAny(reader.ValueSpan, form, out epochMs);
        }

        epochMs = 0;
        Span<byte> text = stackalloc byte[6 * MaxLength];
        return reader.ValueSpan.Length <= text.Length
            && JsonNames.TryUnescape(reader.ValueSpan, text, out var length)
            && TryParseAny(text[..length], form, out epochMs);
    }

    private static bool TryParseAny(ReadOnlySpan<byte> text, TimeForm form, out long epochMs) =>
        text.Length > 4 && text[4] == '-' ? TryParse(text, out epochMs, form.Zone) : TryParseNumber(text, form.Unit, out epochMs);

    private static bool TryParseNumber(ReadOnlySpan<byte> text, TimeUnit unit, out long epochMs)
    {
        epochMs = 0;
        if (Utf8Parser.TryParse(text, out long whole, out var used) && used == text.Length)
        {
            epochMs = unit switch
            {
                TimeUnit.Seconds => whole is >= 0 and < End ? whole * 1_000 : 0,
                TimeUnit.Microseconds => whole / 1_000,
                TimeUnit.Nanoseconds => whole / 1_000_000,
                _ => whole,
            };
            return IsAllowed(epochMs);
        }

        if (text.Length > MaxLength || !Utf8Parser.TryParse(text, out double number, out used) || used != text.Length)
        {
            return false;
        }

        number = unit switch
        {
            TimeUnit.Seconds => number * 1e3,
            TimeUnit.Microseconds => number / 1e3,
            TimeUnit.Nanoseconds => number / 1e6,
            _ => number,
        };
        epochMs = number is >= Earliest and < End ? (long)number : 0;
        return IsAllowed(epochMs);
    }

    /// <summary>Reads a time by ISO 8601.</summary>
    /// <param name="local">The zone of a time that names none; null for UTC.</param>
    /// <returns>False when it is none or outside the years allowed.</returns>
    public static bool TryParse(ReadOnlySpan<byte> text, out long epochMs, TimeZoneInfo? local = null)
    {
        epochMs = 0;
        if (text.Length is < 16 or > MaxLength // 2026-01-01T00:00, of a Java time without seconds, is the shortest
                || text[4] != '-'
                || text[7] != '-'
                || text[10] is not ((byte)'T' or (byte)'t' or (byte)' ')
                || text[13] != ':')
        {
            return false;
        }

        var hasSeconds = text.Length > 16 && text[16] == ':';
        if (hasSeconds && text.Length < 19)
        {
            return false;
        }

        var (year, month, day) = (Number(text[..4]), Number(text[5..7]), Number(text[8..10]));
        var (hour, minute, second) = (Number(text[11..13]), Number(text[14..16]), hasSeconds ? Number(text[17..19]) : 0);
        var milliseconds = 0;
        var zone = text[16..];
        if (year is < 1999 or > 2101 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month)
            || hour is < 0 or > 23 || minute is < 0 or > 59 || second is < 0 or > 60
            || (hasSeconds && !TryParseFraction(text[19..], out milliseconds, out zone))
            || !TryParseZone(zone, out var zoneMinutes))
        {
            return false;
        }

        if (zone.IsEmpty && local is not null)
        {
            zoneMinutes = (int)local.GetUtcOffset(new DateTime(year, month, day, hour, minute, 0, DateTimeKind.Unspecified)).TotalMinutes;
        }

        var midnight = new DateTimeOffset(year, month, day, 0, 0, 0, TimeSpan.Zero).ToUnixTimeMilliseconds();
        var whole = midnight + (((((hour * 60L) + minute - zoneMinutes) * 60) + second) * 1000);
        epochMs = whole + milliseconds;
        return IsAllowed(epochMs) && (second < 60 || whole % MsPerDay == 0);
    }

    private static bool TryParseFraction(ReadOnlySpan<byte> text, out int milliseconds, out ReadOnlySpan<byte> rest)
    {
        milliseconds = 0;
        rest = text;
        if (text.IsEmpty || text[0] is not ((byte)'.' or (byte)','))
        {
            return true;
        }

        var digits = text[1..].IndexOfAnyExceptInRange((byte)'0', (byte)'9');
        digits = digits < 0 ? text.Length - 1 : digits;
        if (digits == 0)
        {
            return false;
        }

        for (var i = 1; i <= 3; i++)
        {
            milliseconds = (milliseconds * 10) + (i <= digits ? text[i] - '0' : 0);
        }

        rest = text[(1 + digits)..];
        return true;
    }

    private static bool TryParseZone(ReadOnlySpan<byte> text, out int minutes)
    {
        minutes = 0;
        text = text is [(byte)' ', ..] ? text[1..] : text;
        if (text.IsEmpty || text is [(byte)'Z' or (byte)'z'] || text.SequenceEqual("UTC"u8) || text.SequenceEqual("GMT"u8))
        {
            return true;
        }

        if (text is not [(byte)'+' or (byte)'-', _, _, ..])
        {
            return false;
        }

        var (hour, minute, length) = text[3..] switch
        {
            [(byte)':', _, _, ..] => (Number(text[1..3]), Number(text[4..6]), 6),
            [>= (byte)'0' and <= (byte)'9', _, ..] => (Number(text[1..3]), Number(text[3..5]), 5),
            _ => (Number(text[1..3]), 0, 3),
        };
        minutes = ((hour * 60) + minute) * (text[0] == '-' ? -1 : 1);
        return hour is >= 0 and <= 23 && minute is >= 0 and <= 59 && IsZoneName(text[length..]);
    }

    /// <summary>Nothing, Java's <c>[Europe/Paris]</c> or Go's <c> CET</c>: the offset before it says all.</summary>
    private static bool IsZoneName(ReadOnlySpan<byte> text) => text switch
    {
        [] => true,
        [(byte)'[', .., (byte)']'] => true,
        [(byte)' ', >= (byte)'A' and <= (byte)'Z', ..] => text[1..].IndexOfAnyExceptInRange((byte)'A', (byte)'Z') < 0,
        _ => false,
    };

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
