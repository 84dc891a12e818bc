namespace DriftMonitor.Worker.Formats;

/// <summary>Which of a response's outputs is taken: the one that is named, the only one, or the only one of floats.</summary>
internal struct ResponseOutputs
{
    private int _named;
    private int _floats;
    private int _all;

    /// <summary>The index of the output that is taken, once all have been added.</summary>
    public int Taken { get; private set; }

    /// <summary>Adds the next output.</summary>
    /// <param name="isNamed">Whether it has the name that is asked for; null when none is.</param>
    public void Add(bool? isNamed, TensorType type)
    {
        var isFloat = TensorTypes.IsFloat(type);
        if (isNamed ?? (isFloat ? _floats == 0 : _all == 0))
        {
            Taken = _all;
        }

        _named += isNamed == true ? 1 : 0;
        _floats += isFloat ? 1 : 0;
        _all++;
    }

    public readonly RejectionReason Check(bool byName)
    {
        var candidates = byName ? _named : _floats == 1 ? 1 : _all;
        return candidates == 0 ? RejectionReason.MissingOutput
            : candidates > 1 ? RejectionReason.SeveralOutputs
            : RejectionReason.None;
    }

    public readonly int Count => _all;
}
