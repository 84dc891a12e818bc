namespace DriftMonitor.Worker.Formats;

/// <summary>The distinct class names of one payload, in the order they came.</summary>
/// <remarks>
/// A hash set over one buffer of characters that is used again for the next payload, so that names make no garbage. The hash is the
/// framework's randomised one: nobody can choose names that collide. Not safe for concurrent use.
/// </remarks>
internal sealed class ClassNames
{
    private const int FewestSlots = 64;

    private char[] _characters = new char[1024];
    private (int Start, int Length, int Hash)[] _names = new (int, int, int)[FewestSlots / 2];
    private int[] _slots = new int[FewestSlots]; // index + 1 of the name, 0 for none
    private int _slotsUsed = FewestSlots; // a power of two; what lies behind is left over from a larger payload

    public int Count { get; private set; }

    /// <summary>How many UTF-16 units they have together.</summary>
    public int Characters => Count == 0 ? 0 : _names[Count - 1].Start + _names[Count - 1].Length;

    public ReadOnlySpan<char> this[int index] => _characters.AsSpan(_names[index].Start, _names[index].Length);

    public void Clear()
    {
        if (Count > 0)
        {
            Array.Clear(_slots, 0, _slotsUsed);
            _slotsUsed = FewestSlots;
            Count = 0;
        }
    }

    /// <summary>Adds a name.</summary>
    /// <returns>False when it is there already.</returns>
    public bool TryAdd(ReadOnlySpan<char> name)
    {
        if (2 * (Count + 1) > _slotsUsed)
        {
            Grow();
        }

        var hash = string.GetHashCode(name);
        var slot = SlotOf(name, hash);
        if (_slots[slot] != 0)
        {
            return false;
        }

        var start = Characters;
        if (start + name.Length > _characters.Length)
        {
            Array.Resize(ref _characters, Math.Max(2 * _characters.Length, start + name.Length));
        }

        name.CopyTo(_characters.AsSpan(start));
        _names[Count++] = (start, name.Length, hash);
        _slots[slot] = Count;
        return true;
    }

    /// <summary>Where a name stands, −1 for nowhere.</summary>
    public int IndexOf(ReadOnlySpan<char> name) => _slots[SlotOf(name, string.GetHashCode(name))] - 1;

    /// <summary>The slot that holds the name, or the empty one where it would be put.</summary>
    private int SlotOf(ReadOnlySpan<char> name, int hash)
    {
        var slot = hash & (_slotsUsed - 1);
        for (; _slots[slot] != 0; slot = (slot + 1) & (_slotsUsed - 1))
        {
            var other = _slots[slot] - 1;
            if (_names[other].Hash == hash && this[other].SequenceEqual(name))
            {
                break;
            }
        }

        return slot;
    }

    private void Grow()
    {
        _slotsUsed *= 2;
        if (_slots.Length < _slotsUsed)
        {
            _slots = new int[_slotsUsed];
            Array.Resize(ref _names, _slotsUsed / 2);
        }
        else
        {
            Array.Clear(_slots, 0, _slotsUsed);
        }

        for (var index = 0; index < Count; index++)
        {
            var slot = _names[index].Hash & (_slotsUsed - 1);
            while (_slots[slot] != 0)
            {
                slot = (slot + 1) & (_slotsUsed - 1);
            }

            _slots[slot] = index + 1;
        }
    }
}
