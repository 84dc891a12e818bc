using DriftMonitor.Model;

namespace DriftMonitor.Tests.Model;

public sealed class ClassSpaceTests
{
    [Fact]
    public void Cells_AreTheClassesInOrder_ThenOther()
    {
        var space = ClassSpace.Create(["cat", "dog"]);
        Assert.Equal((2, 3, 2), (space.ClassCount, space.CellCount, space.OtherIndex));
        Assert.Equal(["cat", "dog", "__other__"], Enumerable.Range(0, 3).Select(space.NameOf));
        Assert.Equal(
            (0, 1, 2, 2, 2), (space.CellOf("cat"), space.CellOf("dog"), space.CellOf("cow"), space.CellOf("Cat"), space.CellOf("")));
        Assert.Throws<IndexOutOfRangeException>(() => space.NameOf(3));
    }

    [Fact]
    public void Equality_IsOfNamesAndOrder()
    {
        var space = ClassSpace.Create(["a", "b"]);
        Assert.Equal(space, ClassSpace.Create(["a", "b"]));
        Assert.Equal(space.GetHashCode(), ClassSpace.Create(["a", "b"]).GetHashCode());
        Assert.NotEqual(space, ClassSpace.Create(["b", "a"]));
        Assert.NotEqual(space, ClassSpace.Create(["a", "b", "c"]));
        Assert.NotEqual(ClassSpace.Create(["ab", "c"]), ClassSpace.Create(["a", "bc"]));
        Assert.False(space.Equals(null));
        Assert.False(space.Equals("a"));
        Assert.Matches("^[0-9a-f]{16}$", space.Id);
    }

    [Fact]
    public void Independent_classes_are_pairs()
    {
        var space = ClassSpace.CreateIndependent(["a", "1"]);
        Assert.Equal(["not a", "a", "not 1", "1"], space.Names);
        Assert.Equal((2, true), (space.Choices, space.IsIndependent));
        Assert.Equal(["a", "1"], space.DistinctNames);
        Assert.Equal([false, true, false, true, true], Enumerable.Range(0, space.CellCount).Select(space.IsDistinct));
        Assert.Equal((1, 3, 3), (space.CellOfIndependent("a"), space.CellOfIndependent("1"), space.CellOfIndependent("1.0")));
        Assert.Equal((4, 4), (space.CellOfIndependent("not a"), space.CellOfIndependent("b")));
        Assert.Equal(space, ClassSpace.Create(space.Names)); // the names alone say it

        Assert.Equal((1, true), (ClassSpace.Create(["not a", "a"]).Choices, ClassSpace.Create(["not a", "a"]).IsIndependent));
        foreach (var exclusive in (string[][])[["a", "b"], ["not a", "a", "b"], ["a", "not a", "b", "not b"], ["not a", "a", "not b", "c"]])
        {
            Assert.Equal((1, false), (ClassSpace.Create(exclusive).Choices, ClassSpace.Create(exclusive).IsIndependent));
            Assert.Equal(exclusive, ClassSpace.Create(exclusive).DistinctNames);
        }

        Assert.False(ClassSpace.TryCreateIndependent(["a", "a"], out _, out var problem));
        Assert.Contains("appears twice", problem, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ClassSpace.CreateIndependent([]));
        Assert.False(ClassSpace.TryCreateIndependent(ClassSpace.Indexed(100_001).Names, out _, out problem));
        Assert.Contains("1 to 100000 classes that hold or not by themselves, not 100001", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Indexed_NamesPositions()
    {
        Assert.Equal(["0", "1", "2"], ClassSpace.Indexed(3).Names);
        Assert.Throws<ArgumentException>(() => ClassSpace.Indexed(0));
        Assert.Throws<ArgumentException>(() => ClassSpace.Indexed(-1));
        Assert.Throws<ArgumentException>(() => ClassSpace.Indexed(ClassSpace.MaxClasses + 1));
    }

    [Theory]
    [InlineData("", "''")]
    [InlineData("__other__", "'__other__'")]
    [InlineData("a", "'a' appears twice")]
    public void Create_RefusesNamesThatMeanNothing(string name, string problem)
    {
        Assert.False(ClassSpace.TryCreate(["a", name], out var space, out var said));
        Assert.Null(space);
        Assert.Contains(problem, said, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => ClassSpace.Create(["a", name]));
    }

    [Theory]
    [InlineData("0,1", "1", 1)]
    [InlineData("0,1", "1.0", 1)]
    [InlineData("0,1", "true", 1)]
    [InlineData("0,1", "False", 0)]
    [InlineData("0,1", "0.00", 0)]
    [InlineData("False,True", "1.0", 1)]
    [InlineData("false,true", "0", 0)]
    [InlineData("1,1.0", "1.0", 1)] // a name that there is goes before
    [InlineData("0,1", "1.5", 2)]
    [InlineData("0,1", "1.", 2)]
    [InlineData("0,1", ".0", 2)]
    [InlineData("0,1", "yes", 2)]
    public void CellOfLabel_KnowsTheSpellingsOfTables(string classes, string label, int cell) =>
        Assert.Equal(cell, ClassSpace.Create(classes.Split(',')).CellOfLabel(label));

    [Fact]
    public void Create_LimitsTheLengthOfNames()
    {
        Assert.True(ClassSpace.TryCreate([new string('x', 256)], out _, out _));
        Assert.False(ClassSpace.TryCreate([new string('x', 257)], out _, out var problem));
        Assert.Contains("1 to 256 characters", problem, StringComparison.Ordinal);
        Assert.False(ClassSpace.TryCreate([], out _, out problem));
        Assert.Contains("not 0", problem, StringComparison.Ordinal);
    }
}
