using DriftMonitor.Model;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class PredictionTimestampTests
{
    [Theory]
    [InlineData("1767225600100", 1767225600100)]
    [InlineData("946684800000", 946684800000)]
    [InlineData("4133980799999", 4133980799999)]
    [InlineData("\"2026-01-01T00:00:00Z\"", 1767225600000)]
    [InlineData("\"2026-01-01t00:00:00z\"", 1767225600000)]
    [InlineData("\"2026-01-01 00:00:00-00:00\"", 1767225600000)]
    [InlineData("\"2026-01-01T00:00:00.1Z\"", 1767225600100)]
    [InlineData("\"2026-01-01T00:00:00.12Z\"", 1767225600120)]
    [InlineData("\"2026-01-01T00:00:00.123999999Z\"", 1767225600123)]
    [InlineData("\"2026-01-01T01:30:00.5+01:30\"", 1767225600500)]
    [InlineData("\"2026-01-01T01:30:00.5\\u002B01:30\"", 1767225600500)]
    [InlineData("\"2025-12-31T16:00:00-08:00\"", 1767225600000)]
    [InlineData("\"2025-12-31T23:59:60Z\"", 1767225600000)]
    [InlineData("\"2026-01-01T00:59:60.25+01:00\"", 1767225600250)]
    [InlineData("\"2024-02-29T12:00:00Z\"", 1709208000000)]
    [InlineData("\"2000-01-01T00:00:00Z\"", 946684800000)]
    [InlineData("\"1999-12-31T23:00:00-01:00\"", 946684800000)]
    [InlineData("\"2100-12-31T23:59:59.999Z\"", 4133980799999)]
    [InlineData("1767225600100.0", 1767225600100)]
    [InlineData("1.7672256001e12", 1767225600100)]
    [InlineData("\"1767225600100\"", 1767225600100)]
    [InlineData("\"1767225600100.5\"", 1767225600100)]
    [InlineData("\"2026-01-01T00:00:00\"", 1767225600000)] // Python's isoformat() of a time without a zone: UTC
    [InlineData("\"2026-01-01 00:00:00.123456\"", 1767225600123)] // its str()
    [InlineData("\"2026-01-01 00:00:00+00:00\"", 1767225600000)]
    [InlineData("\"2026-01-01 00:00:00,5\"", 1767225600500)] // its logging
    [InlineData("\"2026-01-01T01:00:00.000+0100\"", 1767225600000)] // Java's SimpleDateFormat
    [InlineData("\"2026-01-01T00:00\"", 1767225600000)] // LocalDateTime.toString() at a full minute
    [InlineData("\"2026-01-01T01:00+01:00[Europe/Paris]\"", 1767225600000)] // ZonedDateTime.toString()
    [InlineData("\"2026-01-01T01:00:00+01\"", 1767225600000)]
    [InlineData("\"2026-01-01 00:00:00.1 +0000 UTC\"", 1767225600100)] // Go's Time.String()
    [InlineData("\"2026-01-01 01:00:00.123456789 +0100 CET\"", 1767225600123)]
    [InlineData("\"2026-01-01 00:00:00 UTC\"", 1767225600000)]
    public void Timestamp_IsANumberOrIso8601(string ts, long epochMs)
    {
        var decoding = new Decoding("a", "b");
        Assert.Equal(RejectionReason.None, decoding.Decode($$"""{"model":"m","ts":{{ts}},"label":"a"}"""));
        Assert.Equal(epochMs, decoding.Record.PayloadTimeMs);
        Assert.Equal(epochMs, decoding.Record.EventTimeMs);
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("0")]
    [InlineData("1767225600")] // seconds
    [InlineData("1767225600100000")] // microseconds
    [InlineData("946684799999")]
    [InlineData("4133980800000")]
    [InlineData("99999999999999999999999")]
    [InlineData("true")]
    [InlineData("[1767225600100]")]
    [InlineData("{\"a\":1767225600100}")]
    [InlineData("\"\"")]
    [InlineData("\"junk\"")]
    [InlineData("\"1970-01-01T00:00:00Z\"")]
    [InlineData("\"2200-01-01T00:00:00Z\"")]
    [InlineData("\"1999-12-31T23:59:59.999Z\"")]
    [InlineData("\"2101-01-01T00:00:00Z\"")]
    [InlineData("\"2026-01-01\"")]
    [InlineData("\"2026-01-01T00:00:00.Z\"")]
    [InlineData("\"2026-01-01T00:00:00+24:00\"")]
    [InlineData("\"2026-01-01T00:00:00+01:60\"")]
    [InlineData("\"2026-01-01T00:00:00Zjunk\"")]
    [InlineData("\" 2026-01-01T00:00:00Z\"")]
    [InlineData("\"2026-02-29T00:00:00Z\"")]
    [InlineData("\"2026-13-01T00:00:00Z\"")]
    [InlineData("\"2026-00-01T00:00:00Z\"")]
    [InlineData("\"2026-01-00T00:00:00Z\"")]
    [InlineData("\"2026-01-01T24:00:00Z\"")]
    [InlineData("\"2026-01-01T00:60:00Z\"")]
    [InlineData("\"2026-01-01T00:00:61Z\"")]
    [InlineData("\"2026-01-01T12:00:60Z\"")] // a leap second is the last of a day
    [InlineData("\"+026-01-01T00:00:00Z\"")]
    [InlineData("\"2026-01-01T00:00:00.1234567890123456789012345678901234567890123456789Z\"")]
    [InlineData("\"2026-01-01T00:00:00\\ud800Z\"")]
    [InlineData("\"2026-01-01T00:00:00+1\"")]
    [InlineData("\"2026-01-01T00:00:00 CET\"")] // a name alone does not say which offset
    [InlineData("\"2026-01-01T00:00:\"")]
    [InlineData("\"2026-01-01T00:00:0\"")]
    [InlineData("\"1767225600100 ms\"")]
    [InlineData("1e999")]
    public void Timestamp_OfAnyOtherKind_FallsBackToTheRecords(string ts)
    {
        var decoding = new Decoding("a", "b");
        Assert.Equal(RejectionReason.None, decoding.Decode($$"""{"model":"m","ts":{{ts}},"label":"a"}"""));
        Assert.Null(decoding.Record.PayloadTimeMs);
        Assert.Equal(PredictionField.Timestamp, decoding.Decoder.FallenBack);
    }

    [Theory]
    [InlineData(nameof(TimeUnit.Seconds), "1767225600", 1767225600000)]
    [InlineData(nameof(TimeUnit.Seconds), "1767225600.25", 1767225600250)]
    [InlineData(nameof(TimeUnit.Seconds), "\"1767225600.25\"", 1767225600250)]
    [InlineData(nameof(TimeUnit.Microseconds), "1767225600100999", 1767225600100)]
    [InlineData(nameof(TimeUnit.Nanoseconds), "1767225600100999999", 1767225600100)]
    [InlineData(nameof(TimeUnit.Nanoseconds), "1.7672256001e18", 1767225600100)]
    [InlineData(nameof(TimeUnit.Seconds), "\"2026-01-01T00:00:00Z\"", 1767225600000)]
    public void Timestamp_IsInTheUnitOfItsSource(string unit, string ts, long epochMs)
    {
        var decoding = new Decoding("a", "b");
        var json = System.Text.Encoding.UTF8.GetBytes($$"""{"model":"m","ts":{{ts}},"label":"a"}""");
        decoding.Decoder.Decode(
            json, PredictionFormat.Json with { Times = new TimeForm(Enum.Parse<TimeUnit>(unit)) }, null, [], decoding.Record);
        Assert.Equal((RejectionReason.None, epochMs), (decoding.Record.Rejection, decoding.Record.PayloadTimeMs));
    }

    [Theory]
    [InlineData("Europe/Berlin", "2026-01-01T00:00:00.5", "2025-12-31T23:00:00.5Z")]
    [InlineData("Europe/Berlin", "2026-07-01 00:00", "2026-06-30T22:00:00Z")]
    [InlineData("Europe/Berlin", "2026-07-01T00:00:00Z", "2026-07-01T00:00:00Z")]
    [InlineData("Europe/Berlin", "2026-07-01T00:00:00 UTC", "2026-07-01T00:00:00Z")]
    [InlineData("Europe/Berlin", "2026-07-01T00:00:00-03:00", "2026-07-01T03:00:00Z")]
    [InlineData("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T01:30:00Z")] // comes twice: the later one
    [InlineData("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00Z")] // does not come
    [InlineData("Asia/Kolkata", "2026-01-01T00:00:00", "2025-12-31T18:30:00Z")]
    [InlineData("America/St_Johns", "2026-01-01T00:00:00", "2026-01-01T03:30:00Z")]
    public void Timestamp_WithoutAnOffset_IsInTheZoneOfItsSource(string zone, string ts, string utc)
    {
        var decoding = new Decoding("a", "b");
        var json = System.Text.Encoding.UTF8.GetBytes($$"""{"model":"m","ts":"{{ts}}","label":"a"}""");
        var format = PredictionFormat.Json with { Times = new TimeForm(default, TimeZoneInfo.FindSystemTimeZoneById(zone)) };
        decoding.Decoder.Decode(json, format, null, [], decoding.Record);
        Assert.Equal(
            (RejectionReason.None, DateTimeOffset.Parse(utc, System.Globalization.CultureInfo.InvariantCulture).ToUnixTimeMilliseconds()),
            (decoding.Record.Rejection, decoding.Record.PayloadTimeMs));
    }
}
