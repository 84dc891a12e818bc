using System.Text;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.Formats;
using DriftMonitor.Worker.Tables;

namespace DriftMonitor.Worker.Tests.Tables;

/// <summary>Rows of Parquet files as JSON. The files are another library's: see README.md in this folder.</summary>
public sealed class ParquetTableTests
{
    /// <summary>A float is written as the double of the same value, so that both are the same probability.</summary>
    [Fact]
    public void Every_type_is_what_it_would_be_in_JSON()
    {
        var all = new SourceSettings { Map = [("probs", new JsonPointer("", [], FromRecord: false))] };
        var rows = Read(Path.Combine(Folder, "types.parquet"), all);
        Assert.Equal(File.ReadLines(Path.Combine(Folder, "types.jsonl")), rows.Select(row => row.Json));
        Assert.Equal([1, 2, 3, 4], rows.Select(row => row.Number));
    }

    [Fact]
    public void Only_what_a_map_points_at_is_read()
    {
        var source = new SourceSettings { Map = [("ts", JsonPointer.OfMember("us")), ("score", JsonPointer.OfMember("f64"))] };
        Assert.Equal(
            """{"us":"2026-01-01T00:00:00.25Z","f64":0.1}""", Read(Path.Combine(Folder, "types.parquet"), source)[0].Json);
    }

    [Fact]
    public void What_is_no_Parquet_is_told()
    {
        var problem = Assert.Throws<TableException>(() => Read(Path.Combine(Folder, "pandas", "predictions.csv"), SourceSettings.OwnJson));
        Assert.Contains("predictions.csv: cannot be read as Parquet: write it again", problem.Message, StringComparison.Ordinal);
        problem = Assert.Throws<TableException>(() => Read(Path.Combine(Folder, "types.parquet"), SourceSettings.OwnJson));
        Assert.Contains(
            "types.parquet: no column is a field (there are 'ns', 'us'", problem.Message, StringComparison.Ordinal);
    }

    private static string Folder { get; } = Path.Combine(RepositoryFiles.Root, "tests", "DriftMonitor.Worker.Tests", "Tables");

    private static List<(string Json, long Number)> Read(string path, SourceSettings source)
    {
        var rows = new List<(string, long)>();
        using var file = File.OpenRead(path);
        ParquetTable.Read(path, file, new SourceColumns(source), (json, number) => rows.Add((Encoding.UTF8.GetString(json), number)));
        return rows;
    }
}
