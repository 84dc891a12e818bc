using System.Text;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Tables;

namespace DriftMonitor.Worker.Tests.Tables;

/// <summary>Rows of separated values as JSON.</summary>
public sealed class CsvTableTests
{
    private static readonly string[] Written =
    [
        """{"id":"007","ts":"2026-01-01 00:00:00","segment":null,"probability":0.1,"label":true}""",
        """{"id":"1e5","ts":1767225600000,"segment":"a, \"b\"","probability":1e-3,"label":false}""",
        """{"id":"x\ny","ts":null,"segment":"12","probability":"0,5","label":"007"}""",
    ];

    [Theory]
    [InlineData(",")]
    [InlineData(";")]
    [InlineData("\t")]
    public void Cells_are_what_they_would_be_in_JSON(string separator)
    {
        string[] lines =
        [
            "\"id\"|ts|other|segment|probability|label",
            "007|2026-01-01 00:00:00|1||0.1|True",
            "1e5|1767225600000|1|\"a, \"\"b\"\"\"|1e-3|false",
            "\"x\ny\"||1|12|\"0,5\"|007",
            "",
        ];
        var rows = Read(string.Join('\n', lines).Replace("|", separator, StringComparison.Ordinal), separator == "\t" ? '\t' : null);
        Assert.Equal(Written, rows.Select(row => row.Json));
        Assert.Equal([2, 3, 4], rows.Select(row => row.Number));
    }

    [Theory]
    [InlineData("[0.25, 0.75]", "[0.25, 0.75]")]
    [InlineData("""{""a"":0.25}""", """{"a":0.25}""")]
    [InlineData("[0.25 0.75]", "\"[0.25 0.75]\"")] // as numpy prints it: no JSON, and rejected with its line
    [InlineData("[1] [2]", "\"[1] [2]\"")]
    [InlineData("1e999", "\"1e999\"")]
    [InlineData("01", "\"01\"")]
    [InlineData("NaN", "\"NaN\"")]
    [InlineData("-", "\"-\"")]
    public void A_cell_that_is_no_JSON_is_text(string cell, string expected) =>
        Assert.Equal($$"""{"probs":{{expected}}}""", Assert.Single(Read($"probs,x\n\"{cell}\",1\n")).Json);

    [Fact]
    public void Columns_with_a_point_are_members_of_one_object_and_missing_ones_are_absent()
    {
        var rows = Read("probs.cat,id,probs.dog,probs.a.b,nothing.x\n0.25,1,0.75,,1\n,2,,,1\n");
        Assert.Equal(["""{"probs":{"cat":0.25,"dog":0.75},"id":"1"}""", """{"probs":null,"id":"2"}"""], rows.Select(row => row.Json));
    }

    /// <summary>A label that is null is not known yet; a class that has no probability is not one that does not hold.</summary>
    [Fact]
    public void Missing_labels_are_null_and_missing_classes_that_hold_by_themselves_too()
    {
        var rows = Read("id,labels.a,labels.b\n1,,\n2,1,\n");
        Assert.Equal(["""{"id":"1","labels":null}""", """{"id":"2","labels":{"a":1}}"""], rows.Select(row => row.Json));
        Assert.Equal("""{"multilabel":{"a":0.5,"b":null}}""", Assert.Single(Read("multilabel.a,multilabel.b\n0.5,\n")).Json);
    }

    [Fact]
    public void Only_what_a_map_points_at_is_read()
    {
        var source = new SourceSettings
        {
            Map = [("id", Pointer("/key")), ("probs", Pointer("/p")), ("segment", Pointer("/request/0"))],
            Only = [new SourceFilter(null, Pointer("/kind"), [])],
        };
        var rows = Read("key,id,p.a,p.b,request,kind\n1,2,0.5,0.5,[3],4\n", source: source);
        Assert.Equal("""{"key":"1","p":{"a":0.5,"b":0.5},"request":[3],"kind":4}""", Assert.Single(rows).Json);
    }

    [Theory]
    [InlineData("", "t.csv: has no line of column names")]
    [InlineData("id,id\n1,2\n", "t.csv: has no line of column names: begin it with one, of names that differ")]
    [InlineData("0.5,a\n0.75,b\n", "t.csv: no column is a field (there are '0.5', 'a'): name the columns")]
    [InlineData("id,label\n1,a\n2,b,c\n", "t.csv: line 3 has 3 columns, the first line names 2: put cells that hold the separator")]
    public void What_is_no_table_is_told(string text, string expected) =>
        Assert.StartsWith(expected, Assert.Throws<TableException>(() => Read(text)).Message, StringComparison.Ordinal);

    private static JsonPointer Pointer(string text) =>
        JsonPointer.TryParse(text, out var pointer) ? pointer : throw new ArgumentException(text);

    private static List<(string Json, long Number)> Read(string text, char? separator = null, SourceSettings? source = null)
    {
        var rows = new List<(string, long)>();
        CsvTable.Read(
            "t.csv", new MemoryStream(Encoding.UTF8.GetBytes(text)), separator, new SourceColumns(source ?? SourceSettings.OwnJson),
            (json, number) => rows.Add((Encoding.UTF8.GetString(json), number)));
        return rows;
    }
}
