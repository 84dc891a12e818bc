using DriftMonitor.Worker.Join.Proto;
using Google.Protobuf;
using RocksDbSharp;

namespace DriftMonitor.Worker.Join;

/// <summary>The class spaces of a store's predictions. Entries name them by their numbers, from 1.</summary>
internal sealed class StoredSpaces
{
    private readonly List<ClassSpace> _spaces = [];
    private readonly Dictionary<string, int> _numbers = new(StringComparer.Ordinal);

    /// <summary>The class spaces in the order of their numbers.</summary>
    public IReadOnlyList<ClassSpace> All => _spaces;

    /// <summary>Takes in the class space with the next number.</summary>
    public void Load(byte[] stored) => Add(ClassSpace.Create(StoredSpace.Parser.ParseFrom(stored).Names));

    /// <summary>The number of a class space, which a new one is given in the batch.</summary>
    public int NumberOf(ClassSpace space, WriteBatch batch)
    {
        if (!_numbers.TryGetValue(space.Id, out var number))
        {
            number = Add(space);
            var wire = new StoredSpace();
            wire.Names.AddRange(space.Names);
            batch.Put(StoreKeys.Space(number), wire.ToByteArray());
        }

        return number;
    }

    private int Add(ClassSpace space)
    {
        _spaces.Add(space);
        return _numbers[space.Id] = _spaces.Count;
    }
}
