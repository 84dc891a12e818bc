namespace DriftMonitor.Worker.Formats;

/// <summary>The class spaces that outputs themselves suggest.</summary>
internal static class InferredSpaces
{
    /// <summary>The space of the classes that outputs name, in ordinal order. Allocates.</summary>
    /// <returns>Null when no class is left, or there are too many.</returns>
    public static ClassSpace? OfNames(IEnumerable<string> namesOfOutputs)
    {
        string[] names = [.. namesOfOutputs.Where(name => name != ClassSpace.Other).Order(StringComparer.Ordinal)];
        if (ClassSpace.IsComplement([.. names.Reverse()]))
        {
            Array.Reverse(names);
        }

        return ClassSpace.TryCreate(names, out var space, out _) ? space : null;
    }

    /// <summary>
    /// The space of so many classes that hold or not, each by itself, named by their positions; a single one is 1, as of a probability.
    /// </summary>
    /// <exception cref="ArgumentException">There are none, or too many.</exception>
    public static ClassSpace OfIndependentPositions(int count) =>
        ClassSpace.CreateIndependent(count == 1 ? ["1"] : ClassSpace.Indexed(count).Names);

    /// <summary>The space of classes that hold or not, each by itself, in the ordinal order of their names. Allocates.</summary>
    /// <returns>Null when no class is left, or there are too many.</returns>
    public static ClassSpace? OfIndependentNames(IEnumerable<string> namesOfOutputs)
    {
        string[] names = [.. namesOfOutputs.Where(name => name != ClassSpace.Other).Order(StringComparer.Ordinal)];
        return ClassSpace.TryCreateIndependent(names, out var space, out _) ? space : null;
    }
}
