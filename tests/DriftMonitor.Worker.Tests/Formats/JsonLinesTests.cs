using System.Text;
using CsCheck;
using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Tests.Formats;

public sealed class JsonLinesTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    [Theory]
    [InlineData("", "")]
    [InlineData("\n", "")]
    [InlineData("\r\n\r\n", "")]
    [InlineData("a", "0:a")]
    [InlineData("a\n", "0:a")]
    [InlineData("a\nb", "0:a 1:b")]
    [InlineData("a\r\nb\r\n", "0:a 1:b")]
    [InlineData("a\n\n\r\nb\n", "0:a 3:b")] // an empty line is none, but has a number, as in an editor
    [InlineData("\na", "1:a")]
    [InlineData("a\rb", "0:a\rb")]
    public void Lines_are_what_stands_between_line_ends(string content, string expected) =>
        Assert.Equal(expected, string.Join(' ', Read(content).Select(line => $"{line.Number}:{line.Text}")));

    [Fact]
    public void Lines_of_any_length_come_whole_wherever_the_buffer_ends() =>
        Gen.Select(Gen.Int[0, 200_000], Gen.Int[1, 26]).Array[0, 8].Select(Gen.Bool, Gen.Bool).Sample(
            (lines, crlf, endOfLastLine) =>
            {
                var texts = lines.Select(line => new string((char)('a' + line.Item2 - 1), line.Item1)).ToArray();
                var content = string.Join(crlf ? "\r\n" : "\n", texts) + (endOfLastLine ? "\n" : "");
                var read = Read(content);
                Assert.Equal(
                    texts.Select((text, number) => (text, (long)number)).Where(line => line.text.Length > 0),
                    read.Select(line => (line.Text, line.Number)));

                var end = 0L;
                foreach (var (text, _, bytesRead) in read)
                {
                    end += text.Length;
                    Assert.InRange(bytesRead, end, content.Length);
                }

                // empty lines may be left
                Assert.True(
                    read.Count == 0 || read[^1].BytesRead == content.Length || content.Length - read[^1].BytesRead <= texts.Length * 2);
            },
            iter: 100,
            threads: 1);

    [Fact]
    public void Bytes_are_handed_on_as_they_are()
    {
        File.WriteAllBytes(_file, [0xEF, 0xBB, 0xBF, 0xFF, 0x00, (byte)'\n']);
        byte[]? read = null;
        JsonLines.Read(_file, (line, _, _) => read = line.ToArray());
        Assert.Equal([0xEF, 0xBB, 0xBF, 0xFF, 0x00], read);
    }

    public void Dispose() => File.Delete(_file);

    private List<(string Text, long Number, long BytesRead)> Read(string content)
    {
        File.WriteAllText(_file, content);
        var lines = new List<(string, long, long)>();
        JsonLines.Read(_file, (line, number, bytesRead) => lines.Add((Encoding.UTF8.GetString(line), number, bytesRead)));
        return lines;
    }
}
