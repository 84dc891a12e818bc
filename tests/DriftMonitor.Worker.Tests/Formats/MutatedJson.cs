using System.Text;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>Payloads that are nearly valid: one to four mutations of a valid one, most of which leave it JSON.</summary>
internal static class MutatedJson
{
    private static readonly byte[][] Values = new[]
    {
        "0", "-0", "1", "-1", "0.5", "0.25", "1.5", "1e308", "-1e308", "1e309", "1e-400", "1e+22", "9007199254740993",
        "18446744073709551616", "0.30000000000000004", "01", "1.", ".5", "+1",
        "NaN", "Infinity", "-", "null", "true", "\"\"", "\"a\"", "\"_all\"", "\"__other__\"", "\"\\ud800\"", "\"\\udc00\\ud800\"",
        "\"\\ud83d\\ude00\"", "\"\\u0000\"", "\"\u00e4\"",
        "[]", "{}", "[[]]", "[1]", "[0.5,0.5]", "{\"a\":1}", "{\"a\":0.5,\"a\":0.5}", "[1e400,0]", "[-1e400,0]", "1767225600100", "-5",
        "\"2026-01-01T00:00:00Z\"", "\"2016-12-31T23:59:60Z\"", "\"9999-99-99T99:99:99Z\"",
    }.Select(Encoding.UTF8.GetBytes).ToArray();

    private static readonly byte[][] Names = new[]
    {
        "model", "ts", "id", "segment", "probs", "logits", "logprobs", "label", "score", "policy", "rewards", "top_logprobs",
        "policy_logprobs", "top_probs", "probability", "multilabel", "mask", "length", "outputs", "shape", "datatype", "data", "name",
        "choices",
        "logprobs", "content", "token",
        "logprob", "bytes", "mod\\u0065l", "", "Model", "\\ud800",
    }.Select(name => Encoding.UTF8.GetBytes($"\"{name}\"")).ToArray();

    public static byte[] Next(Random random, byte[][] valid)
    {
        var utf8 = valid[random.Next(valid.Length)];
        for (var mutations = random.Next(1, 5); mutations > 0; mutations--)
        {
            utf8 = Mutate(random, utf8, valid);
        }

        return utf8;
    }

    private static byte[] Mutate(Random random, byte[] utf8, byte[][] valid)
    {
        switch (random.Next(20))
        {
            case 0: // flip a bit
                var flipped = utf8.ToArray();
                if (flipped.Length > 0)
                {
                    flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
                }

                return flipped;
            case 1:
                return utf8[..random.Next(utf8.Length + 1)];
            case 2: // the beginning of one payload and the end of another
                var other = valid[random.Next(valid.Length)];
                return [.. utf8.AsSpan(0, random.Next(utf8.Length + 1)), .. other.AsSpan(random.Next(other.Length + 1))];
            case 3 or 4 or 5 or 6: // the same member twice, or another one
                return Insert(utf8, After(random, utf8, "{"u8), [.. Pick(random, Names), (byte)':', .. Value(random), .. Comma(random)]);
            case 7 or 8:
                return Insert(utf8, After(random, utf8, "["u8), [.. Value(random), .. Comma(random)]);
            case 9 or 10 or 11 or 12 or 13 or 14: // another value
                var start = After(random, utf8, "[:,"u8);
                var length = utf8.AsSpan(start).IndexOfAny(",]}"u8);
                return [.. utf8.AsSpan(0, start), .. Value(random), .. length < 0 ? [] : utf8.AsSpan(start + length)];
            case 15 or 16 or 17: // another name
                var name = After(random, utf8, "{,"u8);
                var colon = utf8.AsSpan(name).IndexOf((byte)':');
                return colon < 0 ? utf8 : [.. utf8.AsSpan(0, name), .. Pick(random, Names), .. utf8.AsSpan(name + colon)];
            default: // deeply nested, around the 64 levels that are allowed or far beyond
                var depth = random.Next(8) == 0 ? random.Next(10_000) : random.Next(50, 66);
                var (open, close) = random.Next(2) == 0 ? ("[", "]") : ("{\"a\":", "}");
                var nested = string.Concat(Enumerable.Repeat(open, depth)) + "0" + string.Concat(Enumerable.Repeat(close, depth));
                return Insert(utf8, After(random, utf8, "{"u8), [.. "\"nested\":"u8, .. Encoding.UTF8.GetBytes(nested), (byte)',']);
        }
    }

    private static byte[] Value(Random random)
    {
        switch (random.Next(20))
        {
            case 0: // a number of many digits
                return Encoding.UTF8.GetBytes(
                    $"{random.Next(-9, 10)}.{new string((char)('0' + random.Next(10)), random.Next(1, 400))}e{random.Next(-400, 400)}");
            case 1: // a long name
                return Encoding.UTF8.GetBytes($"\"{new string('x', random.Next(250, 1_600))}\"");
            case 2: // many values
                return Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("0.25", random.Next(1, 100)))}]");
            case 3: // any number
                return Encoding.UTF8.GetBytes(
                    BitConverter.Int64BitsToDouble(random.NextInt64()).ToString("R", System.Globalization.CultureInfo.InvariantCulture));
            default:
                return Pick(random, Values);
        }
    }

    private static ReadOnlySpan<byte> Comma(Random random) => random.Next(50) == 0 ? [] : ","u8;

    private static byte[] Pick(Random random, byte[][] from) => from[random.Next(from.Length)];

    private static byte[] Insert(byte[] utf8, int at, byte[] more) => [.. utf8.AsSpan(0, at), .. more, .. utf8.AsSpan(at)];

    /// <summary>A place behind one of some bytes, the end when there is none.</summary>
    private static int After(Random random, byte[] utf8, ReadOnlySpan<byte> marks)
    {
        var from = random.Next(utf8.Length + 1);
        var at = utf8.AsSpan(from).IndexOfAny(marks);
        at = at < 0 ? utf8.AsSpan().IndexOfAny(marks) : from + at;
        return at < 0 ? utf8.Length : at + 1;
    }
}
