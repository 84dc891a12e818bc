namespace DriftMonitor.Worker.Formats;

/// <summary>A feedback record's label in JSON: a class (name or index) or how true each class is. Not safe for concurrent use.</summary>
internal sealed class JsonLabel(double sumTolerance)
{
    private readonly OutputValues _values = new();
    private readonly char[] _text = new char[JsonNames.MaxLength];
    private string? _class;
    private int? _index;
    private LabelTruths? _truths;

    /// <summary>How many labels the record has. Of several none is used.</summary>
    public int Count { get; private set; }

    /// <summary>The label, without an offset and a time.</summary>
    public FeedbackLabel Label => new(0, 0, _class, _index, _truths);

    public void Clear() => (_class, _index, _truths, Count) = (null, null, null, 0);

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

    /// <summary>Reads how true each class is, by name or by position, or the names of the classes that hold.</summary>
    public RejectionReason ReadTruths(ref Utf8JsonReader reader)
    {
        var isObject = reader.TokenType == JsonTokenType.StartObject;
        var problem = reader.TokenType switch
        {
            JsonTokenType.StartObject => ReadMembers(ref reader),
            JsonTokenType.StartArray => ReadItems(ref reader),
            _ => RejectionReason.WrongType,
        };
        return problem == RejectionReason.None ? TakeTruths(mayBeDistribution: isObject) : problem;
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

    private RejectionReason ReadMembers(ref Utf8JsonReader reader)
    {
        _values.Clear(named: true);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var problem = JsonNames.Copy(in reader, _text, out var name);
            reader.Read();
            problem = problem != RejectionReason.None ? problem
                : TruthOf(in reader) is { } truth ? _values.Add(name, truth)
                : RejectionReason.WrongType;
            if (problem != RejectionReason.None)
            {
                return problem;
            }
        }

        return RejectionReason.None;
    }

    private RejectionReason ReadItems(ref Utf8JsonReader reader)
    {
        reader.Read();
        _values.Clear(named: reader.TokenType == JsonTokenType.String);
        for (; reader.TokenType != JsonTokenType.EndArray; reader.Read())
        {
            var problem = _values.Named ? AddName(in reader)
                : TruthOf(in reader) is not { } truth ? RejectionReason.WrongType
                : _values.TryAdd(truth) ? RejectionReason.None
                : RejectionReason.TooManyClasses;
            if (problem != RejectionReason.None)
            {
                return problem;
            }
        }

        return RejectionReason.None;
    }

    private RejectionReason AddName(ref readonly Utf8JsonReader reader)
    {
        var problem = JsonNames.CopyText(in reader, _text, out var name);
        return problem == RejectionReason.None ? _values.Add(name, 1) : problem;
    }

    private static double? TruthOf(ref readonly Utf8JsonReader reader) => reader.TokenType switch
    {
        JsonTokenType.Number => JsonNumbers.Parse(reader.ValueSpan),
        JsonTokenType.True => 1,
        JsonTokenType.False => 0,
        _ => null,
    };

    /// <summary>Takes the values that were read, if each is from 0 to 1.</summary>
    /// <param name="mayBeDistribution">Whether they are a distribution, too, if they add up to 1.</param>
    private RejectionReason TakeTruths(bool mayBeDistribution)
    {
        var sum = 0.0;
        foreach (var truth in _values.Values)
        {
            if (!(truth >= 0 && truth <= 1 + sumTolerance))
            {
                return double.IsFinite(truth) ? RejectionReason.ProbabilityOutOfRange : RejectionReason.NotFinite;
            }

            sum += truth;
        }

        _truths = _values.Named
            ? Named(mayBeDistribution && Math.Abs(sum - 1) <= sumTolerance ? sum : null)
            : new LabelTruths([], [.. _values.Values]);
        return RejectionReason.None;
    }

    private LabelTruths Named(double? sum)
    {
        var named = _values.ByName();
        return new LabelTruths([.. named.Select(one => one.Key)], [.. named.Select(one => one.Value)], sum);
    }
}
