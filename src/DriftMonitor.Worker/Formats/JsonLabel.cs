namespace DriftMonitor.Worker.Formats;

/// <summary>A feedback record's label in JSON: a class (name or index) or a distribution over them. Not safe for concurrent use.</summary>
internal sealed class JsonLabel(double sumTolerance)
{
    private readonly OutputValues _probabilities = new();
    private readonly char[] _text = new char[JsonNames.MaxLength];
    private string? _class;
    private int? _index;
    private ImmutableArray<KeyValuePair<string, double>> _shares;

    /// <summary>How many labels the record has. Of several none is used.</summary>
    public int Count { get; private set; }

    /// <summary>The label, without an offset and a time.</summary>
    public FeedbackLabel Label => new(0, 0, _class, _index, _shares);

    public void Clear() => (_class, _index, _shares, Count) = (null, null, [], 0);

    /// <summary>Counts a label, and skips it when the record has one already.</summary>
    public bool SkipsAnother(ref Utf8JsonReader reader)
    {
        if (++Count > 1)
        {
            reader.Skip();
        }

        return Count > 1;
    }

    /// <summary>Reads a class's name, or a number or boolean as its name.</summary>
    public RejectionReason ReadClass(ref Utf8JsonReader reader)
    {
        var problem = JsonNames.CopyText(in reader, _text, out var name);
        _class = name.ToString();
        return problem;
    }

    public RejectionReason ReadIndex(ref Utf8JsonReader reader)
    {
        _index = reader.TokenType == JsonTokenType.Number && JsonNames.TryReadWhole(reader.ValueSpan, out var digits)
            && int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var index) ? index : null;
        return _index is null ? RejectionReason.WrongType : RejectionReason.None;
    }

    /// <summary>Reads probabilities by class.</summary>
    public RejectionReason ReadShares(ref Utf8JsonReader reader)
    {
        if (reader.TokenType != JsonTokenType.StartObject)
        {
            return RejectionReason.WrongType;
        }

        _probabilities.Clear(named: true);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var problem = JsonNames.Copy(in reader, _text, out var name);
            reader.Read();
            problem = problem != RejectionReason.None ? problem
                : reader.TokenType != JsonTokenType.Number ? RejectionReason.WrongType
                : _probabilities.Add(name, JsonNumbers.Parse(reader.ValueSpan));
            if (problem != RejectionReason.None)
            {
                return problem;
            }
        }

        var sum = _probabilities.Count == 0 ? RejectionReason.WrongArity : Simplex.Normalise(_probabilities.Values, sumTolerance);
        _shares = sum == RejectionReason.None ? _probabilities.ByName() : [];
        return sum;
    }

    /// <summary>Reads a name of a model or a class.</summary>
    public static RejectionReason ReadName(in Utf8JsonReader reader, char[] buffer, out string name)
    {
        name = "";
        if (reader.TokenType is not (JsonTokenType.String or JsonTokenType.PropertyName))
        {
            return RejectionReason.WrongType;
        }

        var problem = JsonNames.Copy(in reader, buffer, out var text);
        name = text.ToString();
        return problem;
    }
}
