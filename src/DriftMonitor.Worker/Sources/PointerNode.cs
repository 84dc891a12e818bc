using DriftMonitor.Worker.Formats;

namespace DriftMonitor.Worker.Sources;

/// <summary>A place in a JSON document that pointers lead to or through: all pointers of a source in one tree.</summary>
/// <remarks>Not thread-safe: it notes which members an object has had.</remarks>
internal sealed class PointerNode
{
    private readonly List<(byte[] Name, int Index, PointerNode Node)> _children = [];
    private readonly List<int> _slots = [];
    private bool _isSeen;

    /// <summary>The numbers under which the value here is noted.</summary>
    public IReadOnlyList<int> Slots => _slots;

    /// <summary>Whether the array here has the rows.</summary>
    public bool HasRows { get; private set; }

    /// <summary>The places within the document that the string here holds; null if no pointer leads there.</summary>
    public PointerNode? Nested { get; private set; }

    /// <summary>Whether pointers lead to members or items of the value here.</summary>
    public bool HasChildren => _children.Count > 0;

    /// <summary>Begins an object: none of its members has been seen.</summary>
    public void Forget()
    {
        foreach (var child in _children)
        {
            child.Node._isSeen = false;
        }
    }

    /// <summary>Whether the object has had this member before; it has now.</summary>
    public bool IsSeenAgain()
    {
        var before = _isSeen;
        _isSeen = true;
        return before;
    }

    /// <summary>Notes the value at a pointer under a number.</summary>
    public void Add(JsonPointer pointer, int slot) => Find(pointer)._slots.Add(slot);

    /// <summary>Takes the array at a pointer for the rows.</summary>
    public void AddRows(JsonPointer pointer) => Find(pointer).HasRows = true;

    /// <summary>The place of the member whose name the reader stands on, null for one that no pointer leads to.</summary>
    public PointerNode? Find(ref readonly Utf8JsonReader reader)
    {
        if (!reader.ValueIsEscaped)
        {
            return Find(reader.ValueSpan);
        }

        Span<byte> unescaped = stackalloc byte[JsonNames.MaxJsonBytes];
        return reader.ValueSpan.Length <= unescaped.Length && JsonNames.TryUnescape(reader.ValueSpan, unescaped, out var length)
            ? Find(unescaped[..length])
            : null;
    }

    private PointerNode? Find(ReadOnlySpan<byte> name)
    {
        foreach (var child in _children)
        {
            if (name.SequenceEqual(child.Name))
            {
                return child.Node;
            }
        }

        return null;
    }

    /// <summary>The place of an item of an array, null for one that no pointer leads to.</summary>
    public PointerNode? Find(int index)
    {
        foreach (var child in _children)
        {
            if (child.Index == index)
            {
                return child.Node;
            }
        }

        return null;
    }

    private PointerNode Find(JsonPointer pointer)
    {
        var node = this;
        foreach (var token in pointer.Tokens)
        {
            node = token.IsEmpty ? node.Nested ??= new PointerNode() : node.Child([.. token]);
        }

        return node;
    }

    private PointerNode Child(byte[] name)
    {
        var found = _children.Find(child => child.Name.AsSpan().SequenceEqual(name)).Node;
        if (found is null)
        {
            // RFC 6901: an index is 0 or begins with another digit
            var isIndex = int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
                && (name.Length == 1 || name[0] != '0');
            _children.Add((name, isIndex ? index : -1, found = new PointerNode()));
        }

        return found;
    }
}
