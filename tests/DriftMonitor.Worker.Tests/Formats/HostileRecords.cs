using System.Globalization;
using System.Text;
using DriftMonitor.Worker.Formats.Proto;
using Google.Protobuf;

namespace DriftMonitor.Worker.Tests.Formats;

/// <summary>Records that are made to be expensive: each repeats one part as often as it is asked to.</summary>
internal static class HostileRecords
{
    /// <summary>Parts of a JSON object, every one repeated; <c>?</c> stands for the number of the repetition.</summary>
    private static readonly string[] Members =
    [
        "\"\\ud800\":0", // half of a surrogate pair
        "\"\\udc00\\ud800?\":\"\\ud800\"",
        "\"m\\u006fdel\":null",
        "\"\\u006cabel\":null",
        "\"\\/?\":[]",
        "\"x?\":1",
        "\"\":{\"\":[{}]}",
        "\"probs\":[0.5,0.25,0.125,0.125]",
        "\"policy\":{\"current\":[1,0],\"reference\":[1,0]}",
        "\"id\":\"\\u0031?\"",
        "\"ts\":\"2026-01-01T00:00:00\\u002B00:00\"",
        "\"model_name\":\"\\u006d\"",
        "\"outputs\":[{\"name\":\"\\ud800\",\"shape\":[1,4],\"shape\":[[1],[4]],\"data\":[0.5]}]",
        "\"data\":{\"label\":\"x\"}",
        "\"data_base64\":\"\\u0065\\u0030?\"",
        "\"time\":\"2026-01-01T00:00:00Z\"",
        "\"labels\":{\"a\":0.5,\"b\":0.5}",
        "\"label_index\":?",
        "\"policy_logprobs\":{\"current\":[null,0],\"mask\":[0,1],\"length\":?}",
        "\"choices\":[{\"logprobs\":{\"content\":[{\"token\":\"a?\",\"logprob\":-1,\"bytes\":[97],\"top_logprobs\":[]}]}}]",
    ];

    /// <summary>Classes with numbers, repeated within one output.</summary>
    private static readonly string[] Classes =
    [
        "\"\\ud800\":0",
        "\"c?\":0",
        "\"\\u0063?\":1e-999",
        "\"c?\":0.30000000000000004441",
        "\"\\n\\t\\u0000?\":-0.0",
    ];

    private static readonly string[] Numbers = [
        "0.1", "9007199254740993.0000000000000000001e-16", "123456789012345678901234567890e-30", "1e-310", "[[[0]]]", "[]"];

    /// <summary>Texts that are one value, as long as it is asked for.</summary>
    private static readonly (string Begin, string Part, string End)[] Values =
    [
        ("{\"model\":\"", "\\u006d", "\",\"label\":\"b\"}"),
        ("{\"model\":\"m\",\"label\":\"", "\\ud83d\\ude00", "\"}"),
        ("{\"model\":\"m\",\"id\":\"", "\\\\", "\",\"label\":\"b\"}"),
        ("{\"model\":\"m\",\"probs\":[0.", "3", ",0.25,0.125,0.125],\"label\":\"b\"}"),
        ("{\"model\":\"m\",\"id\":", "7", ",\"label\":\"b\"}"),
        ("{\"model\":\"m\",\"probs\":{\"", "\\ud800", "\":1}}"),
        ("{\"specversion\":\"1.0\",\"data_base64\":\"", "\\u0065\\u0033\\u0030=", "\"}"),
        ("{\"specversion\":\"1.0\",\"data_base64\":\"", "e30g", "\"}"),
        ("{\"specversion\":\"1.0\",\"data_base64\":\"", "\\ud800", "\"}"),
        ("{\"model_name\":\"m\",\"outputs\":[{\"name\":\"", "\\ud800", "\",\"data\":[1]}]}"),
        ("{\"model\":\"m\",", "\"nested\":[", ""),
        ("", "[", ""),
        ("", " ", ""),
        ("{\"model\":\"m\",\"label\":\"b\"}", " ", "x"),
    ];

    /// <summary>All of them, of about a length.</summary>
    public static IEnumerable<(string Name, byte[] Utf8)> Json(int length)
    {
        foreach (var member in Members)
        {
            yield return (member, Utf8("{\"model\":\"m\",", member, ",", "\"label\":\"b\",\"probs\":{\"a\":1}}"));
            yield return ($"event {member}", Utf8("{\"specversion\":\"1.0\",", member, ",", "\"data\":{\"model\":\"m\",\"label\":\"b\"}}"));
        }

        foreach (var number in Numbers)
        {
            yield return ($"probs [{number}]", Utf8("{\"model\":\"m\",\"label\":\"b\",\"probs\":[", number, ",", "0]}"));
            yield return ($"data [{number}]", Utf8("{\"model_name\":\"m\",\"outputs\":[{\"name\":\"p\",\"data\":[", number, ",", "0]}]}"));
        }

        foreach (var entry in Classes)
        {
            foreach (var form in new[] { "probs", "top_logprobs", "top_probs", "labels" })
            {
                yield return ($"{form} {{{entry}}}", Utf8($"{{\"model\":\"m\",\"id\":\"1\",\"{form}\":{{", entry, ",", "\"a\":1}}"));
            }
        }

        foreach (var (begin, part, end) in Values)
        {
            yield return (
                $"{begin}{part}…{end}", Encoding.UTF8.GetBytes(begin + string.Concat(Enumerable.Repeat(part, length / part.Length)) + end));
        }

        byte[] Utf8(string begin, string part, string separator, string end)
        {
            var text = new StringBuilder(begin);
            for (var i = 0; text.Length < length; i++)
            {
                text.Append(part.Replace("?", i.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)).Append(separator);
            }

            return Encoding.UTF8.GetBytes(text.Append(end).ToString());
        }
    }

    /// <summary>The same for protobuf.</summary>
    public static IEnumerable<(string Name, byte[] Bytes)> Protobuf(int length)
    {
        yield return ("the same output again", Repeated(new Prediction { Probs = new Values { Values_ = { 1 } } }));
        yield return (
            "outputs in turn",
            [
                .. Enumerable.Repeat(
                    new[]
                    {
                        new Prediction { Probs = new Values() },
                        new Prediction { Logits = new Values() },
                    }.SelectMany(p => p.ToByteArray()), length / 4).SelectMany(b => b)]);
        yield return (
            "empty classes",
            new Prediction { Model = "m", TopLogprobs = new Values { Classes = { Enumerable.Repeat("", length / 2) } } }.ToByteArray());
        yield return ("policies in turn", Repeated(new Prediction { Policy = new Policies { Current = new Values() } }));
        yield return ("an unknown field", [.. Enumerable.Repeat(new byte[] { 0xf8, 0x07, 0x01 }, length / 3).SelectMany(b => b)]);
        yield return (
            "unknown fields",
            [
                .. Enumerable.Range(1_000, length / 4).SelectMany(
                    field => new byte[]
                    {
                        (byte)(0x80 | ((field << 3) & 0x78)),
                        (byte)(0x80 | ((field >> 4) & 0x7f)),
                        (byte)((field >> 11) & 0x7f),
                        1,
                    })]);
        yield return ("groups", [.. Enumerable.Repeat((byte)0xfb, length)]);
        yield return ("text that is no UTF-8", [0x0a, .. Varint(length), .. Enumerable.Repeat((byte)0xff, length)]);
        yield return (
            "many names",
            new Prediction
            {
                Model = "m",
                Probs = new Values
                {
                    Classes = { Enumerable.Range(0, length / 12).Select(i => $"c{i}") },
                    Values_ = { new float[length / 12] },
                },
            }.ToByteArray());

        byte[] Repeated(Prediction prediction)
        {
            var bytes = prediction.ToByteArray();
            return [.. Enumerable.Repeat(bytes, length / bytes.Length).SelectMany(b => b)];
        }

        static IEnumerable<byte> Varint(int value)
        {
            for (; value >= 0x80; value >>= 7)
            {
                yield return (byte)(value | 0x80);
            }

            yield return (byte)value;
        }
    }
}
