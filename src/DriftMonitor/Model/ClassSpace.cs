using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;

namespace DriftMonitor.Model;

/// <summary>The ordered classes that a model's outputs are distributed over, and the cell for everything else.</summary>
/// <remarks>
/// A distribution over the space has <see cref="CellCount"/> cells: the named classes in order, then <c>__other__</c>, which takes
/// the mass of classes that the space does not know. Two spaces are equal when they name the same classes in the same order.
/// Classes that hold or not, each by itself, are pairs "not x", "x" (<see cref="Choices"/>). Immutable and safe to share between threads.
/// </remarks>
public sealed class ClassSpace : IEquatable<ClassSpace>
{
    /// <summary>The name of the cell that takes the mass of unknown classes.</summary>
    public const string Other = "__other__";

    /// <summary>The name of the class that takes what the most probable tokens leave over, in a space that has it.</summary>
    public const string Rest = "__rest__";

    /// <summary>What stands before the name of the one class in that of the other, of two classes of which one has a name.</summary>
    public const string Not = "not ";

    /// <summary>The most classes a space may name: a language model's vocabulary.</summary>
    public const int MaxClasses = 200_000;

    /// <summary>The most digits of a class that is named by its position.</summary>
    public const int MaxDigits = 6;

    /// <summary>The space that stands for none, for models whose outputs are only log-probabilities of what was sampled.</summary>
    public static ClassSpace Sampled { get; } = Create(["__sampled__"]);

    private static readonly string[][] BooleanSpellings = [["0", "false", "False"], ["1", "true", "True"]];
    private const int MaxNameLength = 256;

    private readonly bool _isComplement;
    private readonly string[] _names;
    private readonly FrozenDictionary<string, int>.AlternateLookup<ReadOnlySpan<char>> _index;

    private ClassSpace(string[] names, FrozenDictionary<string, int> index)
    {
        _names = names;
        _index = index.GetAlternateLookup<ReadOnlySpan<char>>();
        Id = ContentHash(names);
        _isComplement = IsComplement(names);
        Choices = ChoicesOf(names);
        CellsOfNames = MemoryBudget.CellsOf(names.Length, names.Sum(name => (long)name.Length));
    }

    /// <summary>
    /// How many choices an output makes: 1 between all classes; of independent classes one each, between "not x" and "x".
    /// </summary>
    /// <remarks>
    /// An output of C choices has 1/C of its mass in each pair. So it is a distribution like any other, and C times a divergence over its
    /// cells is the sum of the divergences of the choices. The fixed point of sums rounds a probability below C·2⁻³³ to 0.
    /// </remarks>
    public int Choices { get; }

    /// <summary>Whether each class holds or not by itself; of two, "not x" and "x", that is the same as one of both.</summary>
    public bool IsIndependent => Choices > 1 || _isComplement;

    /// <summary>Whether a class stands for all those that are not named.</summary>
    internal bool HasRest => CellOf(Rest) != OtherIndex;

    /// <summary>Whether there are two classes, of which only the second has a name of its own: it happened or not.</summary>
    public static bool IsComplement(IReadOnlyList<string> names) => names is [var not, var name] && IsNot(not, name);

    /// <summary>The hash of the names and their order, 16 hexadecimal digits: equal exactly for equal spaces.</summary>
    public string Id { get; }

    /// <summary>K, the number of named classes.</summary>
    public int ClassCount => _names.Length;

    /// <summary>What its names take of a <see cref="MemoryBudget"/>.</summary>
    internal long CellsOfNames { get; }

    /// <summary>K + 1: the named classes and <see cref="Other"/>.</summary>
    public int CellCount => _names.Length + 1;

    /// <summary>The index of the cell that takes the mass of unknown classes: the last one.</summary>
    public int OtherIndex => _names.Length;

    /// <summary>The named classes, in order, without <see cref="Other"/>.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The classes that people name: of independent ones not their complements. Allocates where there are such.</summary>
    public IReadOnlyList<string> DistinctNames => Choices == 1 ? _names : [.. _names.Where((_, cell) => cell % 2 == 1)];

    /// <summary>Whether a cell is that of a class which people name, or <see cref="Other"/>; not of a complement.</summary>
    public bool IsDistinct(int cell) => Choices == 1 || cell % 2 == 1 || cell == OtherIndex;

    /// <summary>A space of the named classes, in their order.</summary>
    /// <exception cref="ArgumentException">No name, too many, or one that is empty, too long, reserved or duplicated.</exception>
    public static ClassSpace Create(IEnumerable<string> names) =>
        TryCreate([.. names], out var space, out var problem) ? space : throw new ArgumentException(problem, nameof(names));

    /// <summary>As <see cref="Create"/>, with what is wrong as a value: class names are input.</summary>
    public static bool TryCreate(
        IReadOnlyList<string> names,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ClassSpace? space,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(names);
        space = null;
        if (names.Count is 0 or > MaxClasses)
        {
            problem = $"a class space has 1 to {MaxClasses} classes, not {names.Count}";
            return false;
        }

        var index = new Dictionary<string, int>(names.Count, StringComparer.Ordinal);
        foreach (var name in names)
        {
            if (string.IsNullOrEmpty(name) || name.Length > MaxNameLength || name == Other)
            {
                problem = $"class name '{name}' is not allowed: 1 to {MaxNameLength} characters, and not {Other}";
                return false;
            }

            if (!index.TryAdd(name, index.Count))
            {
                problem = $"class name '{name}' appears twice";
                return false;
            }
        }

        problem = null;
        space = new ClassSpace([.. names], index.ToFrozenDictionary(StringComparer.Ordinal));
        return true;
    }

    /// <summary>A space of classes of which each holds or not by itself.</summary>
    /// <inheritdoc cref="Create"/>
    public static ClassSpace CreateIndependent(IReadOnlyList<string> classes) =>
        TryCreateIndependent(classes, out var space, out var problem) ? space : throw new ArgumentException(problem, nameof(classes));

    /// <summary>The space of classes of which each holds or not by itself: "not x" and "x" for each, in their order.</summary>
    /// <param name="classes">The names of the classes.</param>
    /// <param name="space">The space.</param>
    /// <param name="problem">What is wrong with the names.</param>
    public static bool TryCreateIndependent(
        IReadOnlyList<string> classes,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out ClassSpace? space,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(classes);
        if (classes.Count > MaxClasses / 2)
        {
            space = null;
            problem = $"a class space has 1 to {MaxClasses / 2} classes that hold or not by themselves, not {classes.Count}";
            return false;
        }

        return TryCreate([.. classes.SelectMany(name => new[] { Not + name, name })], out space, out problem);
    }

    /// <summary>The space of <paramref name="count"/> classes named by their positions "0", "1", …</summary>
    /// <exception cref="ArgumentException"><paramref name="count"/> is not in 1 to <see cref="MaxClasses"/>.</exception>
    public static ClassSpace Indexed(int count) =>
        Create(Enumerable.Range(0, Math.Max(count, 0)).Select(k => k.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The name of a cell, <see cref="Other"/> for the last.</summary>
    /// <exception cref="IndexOutOfRangeException"><paramref name="cell"/> is not in [0, <see cref="CellCount"/>).</exception>
    public string NameOf(int cell) => cell == _names.Length ? Other : _names[cell];

    /// <summary>The cell of the class named <paramref name="name"/>, <see cref="OtherIndex"/> when the space does not know it.</summary>
    public int CellOf(ReadOnlySpan<char> name) => _index.TryGetValue(name, out var cell) ? cell : OtherIndex;

    /// <summary>
    /// As <see cref="CellOf"/>, also for the spellings that tables give a label: 1.0 or True for the class 1, and of two classes, "not x"
    /// and "x", 0 for the first and 1 for the second.
    /// </summary>
    public int CellOfLabel(ReadOnlySpan<char> label)
    {
        var cell = CellOf(label);
        if (cell != OtherIndex)
        {
            return cell;
        }

        var point = label.IndexOf('.');
        if (point > 0 && label.Length > point + 1 && label[(point + 1)..].IndexOfAnyExcept('0') < 0)
        {
            label = label[..point];
            cell = CellOf(label);
        }

        for (var truth = 0; cell == OtherIndex && truth < BooleanSpellings.Length; truth++)
        {
            var (spelt, known) = (false, OtherIndex);
            foreach (var spelling in BooleanSpellings[truth])
            {
                spelt |= label.SequenceEqual(spelling);
                known = known == OtherIndex ? CellOf(spelling) : known;
            }

            cell = !spelt ? cell : known == OtherIndex && _isComplement ? truth : known;
        }

        return cell;
    }

    /// <summary>The cell of a class that holds or not by itself; <see cref="OtherIndex"/> when the space does not know it.</summary>
    /// <param name="label">Its name, also as tables spell it (<see cref="CellOfLabel"/>).</param>
    public int CellOfIndependent(ReadOnlySpan<char> label) => CellOfLabel(label) is var cell && cell % 2 == 1 ? cell : OtherIndex;

    /// <inheritdoc/>
    public bool Equals(ClassSpace? other) => ReferenceEquals(this, other) || other?.Id == Id;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ClassSpace);

    /// <inheritdoc/>
    public override int GetHashCode() => Id.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => $"{ClassCount} classes ({Id})";

    private static bool IsNot(string not, string name) =>
        not.Length == Not.Length + name.Length
        && not.StartsWith(Not, StringComparison.Ordinal)
        && not.EndsWith(name, StringComparison.Ordinal);

    private static int ChoicesOf(string[] names)
    {
        var pairs = names.Length % 2 == 0 && names.Chunk(2).All(pair => IsNot(pair[0], pair[1])) ? names.Length / 2 : 0;
        return Math.Max(1, pairs);
    }

    private static string ContentHash(string[] names)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var name in names)
        {
            var utf8 = Encoding.UTF8.GetBytes(name);
            BinaryPrimitives.WriteInt32LittleEndian(length, utf8.Length); // so that ["ab","c"] and ["a","bc"] differ
            hash.AppendData(length);
            hash.AppendData(utf8);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8));
    }
}
