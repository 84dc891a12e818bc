using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Formats;

/// <summary>The rows of one output of a model server's response: each is a prediction.</summary>
/// <remarks>
/// The readers of JSON and protobuf choose the output and put its elements here, as the protocol's binary form has them. What the numbers
/// mean: floats of several columns are probabilities, and whole numbers, booleans and texts of one column are labels. A single float is
/// a probability, a score, a risk or a target: it is what the source declares it to be, and refused where it declares nothing. Not safe for
/// concurrent use.
/// </remarks>
internal sealed class TensorRows
{
    /// <summary>The most predictions that a record may have.</summary>
    public const int MaxRows = 65_536;

    private readonly char[] _id = new char[JsonNames.MaxLength + 11]; // and a row's number
    private readonly byte[] _model = new byte[JsonNames.MaxJsonBytes];
    private byte[] _elements = new byte[1024];
    private int _length;
    private int _modelLength;
    private int _idLength;
    private TensorType _type;
    private PredictionField _form;
    private int _columns;
    private int _row;
    private int _position;

    /// <summary>How many predictions the response has.</summary>
    public int Count { get; private set; }

    /// <summary>Where readers put the response's id.</summary>
    public Span<char> Id => _id.AsSpan(0, JsonNames.MaxLength);

    /// <summary>Reads a response of either encoding and begins its rows.</summary>
    public RejectionReason Read(ReadOnlySpan<byte> response, Headers? headers, PredictionFormat format)
    {
        if (format.Payload != PayloadFormat.ModelInfer)
        {
            return KServeResponse.Read(response, headers, format.Output, format.Declared, this);
        }

        Span<byte> output = stackalloc byte[3 * JsonNames.MaxLength];
        return Encoding.UTF8.TryGetBytes(format.Output ?? "", output, out var length)
            ? ModelInferResponse.Read(response, output[..length], format.Declared, this)
            : RejectionReason.MissingOutput;
    }

    /// <summary>Forgets the response before.</summary>
    public void Clear() => (_length, _modelLength, _idLength, Count, _row, _position) = (0, 0, 0, 0, 0, 0);

    /// <summary>Whether there is no element yet.</summary>
    public bool IsEmpty => _length == 0;

    /// <summary>Forgets the elements only.</summary>
    public void ClearElements() => _length = 0;

    public void SetIdLength(int length) => _idLength = length;

    /// <summary>Takes the model's name, as UTF-8 text.</summary>
    public RejectionReason SetModel(ReadOnlySpan<byte> name)
    {
        if (name.Length > _model.Length)
        {
            return RejectionReason.InvalidName;
        }

        name.CopyTo(_model);
        _modelLength = name.Length;
        return RejectionReason.None;
    }

    /// <summary>Takes elements in binary form.</summary>
    public void Append(ReadOnlySpan<byte> elements) => elements.CopyTo(Extend(elements.Length));

    public void AppendFloat(double value) => MemoryMarshal.Write(Extend(sizeof(double)), value);

    public void AppendInteger(long value) => MemoryMarshal.Write(Extend(sizeof(long)), value);

    public void AppendBoolean(bool value) => Extend(1)[0] = value ? (byte)1 : (byte)0;

    public void AppendText(ReadOnlySpan<byte> utf8)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Extend(TensorTypes.LengthPrefix), utf8.Length);
        Append(utf8);
    }

    /// <summary>Decides what the elements mean.</summary>
    /// <param name="type">What they are; <see cref="TensorType.Unknown"/> where only JSON tells, whose numbers are then floats.</param>
    /// <param name="declared">What the source declares them to be, <see cref="PredictionField.Unknown"/> for nothing.</param>
    /// <returns><see cref="RejectionReason.None"/>, or why there is no prediction in them.</returns>
    public RejectionReason Begin(TensorType type, TensorShape shape, PredictionField declared, int nestedRows = 0)
    {
        var isTyped = type != TensorType.Unknown;
        _type = isTyped ? type : TensorType.Float64;
        var isNumber = _type != TensorType.Bytes;
        var elements = isNumber ? _length / TensorTypes.SizeOf(_type) : CountTexts();
        if (elements < 0 || (isNumber && elements * TensorTypes.SizeOf(_type) != _length))
        {
            return RejectionReason.Malformed;
        }

        var isSingle = declared is PredictionField.Label or PredictionField.Score or PredictionField.Probability
            || (declared == PredictionField.Unknown && isTyped && !TensorTypes.IsFloat(type));
        var (rows, columns) = shape.HasRows ? (shape.Rows, shape.Last)
            : nestedRows > 0 && !shape.IsKnown && elements % nestedRows == 0 ? (nestedRows, elements / nestedRows)
            : isSingle || (shape.IsKnown && declared == PredictionField.Unknown) ? (shape.IsKnown ? shape.Last : elements, 1)
            : (1, shape.IsKnown ? shape.Last : elements);
        if (elements == 0)
        {
            return shape.IsKnown && rows * columns != 0 ? RejectionReason.WrongArity : RejectionReason.MissingOutput;
        }

        if (rows > elements || columns > elements || rows * columns != elements)
        {
            return RejectionReason.WrongArity;
        }

        if (rows > MaxRows)
        {
            return RejectionReason.TooLarge;
        }

        (Count, _columns, _form) = ((int)rows, (int)columns, declared);
        if (_form == PredictionField.Unknown)
        {
            _form = isSingle ? PredictionField.Label : PredictionField.Probs;
            return isSingle ? (columns == 1 ? RejectionReason.None : RejectionReason.WrongType) // the labels of several outputs
                : columns == 1 ? RejectionReason.SingleClass
                : CheckColumns();
        }

        return !isNumber && _form != PredictionField.Label ? RejectionReason.WrongType
            : isSingle && columns != 1 ? RejectionReason.WrongArity
            : CheckColumns();
    }

    /// <summary>Goes back to the first row.</summary>
    public void Restart() => (_row, _position) = (0, 0);

    /// <summary>Reads the next row's output into the buffers.</summary>
    /// <returns>False at the end.</returns>
    public bool TryNext(PredictionBuffers buffers, ref ParsedPrediction parsed, out RejectionReason problem)
    {
        problem = RejectionReason.None;
        if (_row == Count)
        {
            return false;
        }

        parsed.Model = _model.AsSpan(0, _modelLength);
        parsed.Id = IdOfRow();
        parsed.Form = _form;
        var output = buffers.Output;
        output.Clear(named: _form == PredictionField.Label);
        if (_form == PredictionField.Label)
        {
            problem = TensorTypes.ToName(_type, TakeElement(), buffers.ClassName, out var length);
            problem = problem != RejectionReason.None ? problem : output.Add(buffers.ClassName.AsSpan(0, length), 1);
        }
        else
        {
            var size = _columns * TensorTypes.SizeOf(_type);
            TensorTypes.ToDoubles(_type, _elements.AsSpan(_position, size), output.Extend(_columns));
            _position += size;
        }

        _row++;
        return true;
    }

    private ReadOnlySpan<char> IdOfRow()
    {
        if (_idLength == 0 || Count == 1)
        {
            return _id.AsSpan(0, _idLength);
        }

        _id[_idLength] = '#';
        _row.TryFormat(_id.AsSpan(_idLength + 1), out var digits, default, CultureInfo.InvariantCulture);
        var length = _idLength + 1 + digits;
        return length <= JsonNames.MaxLength ? _id.AsSpan(0, length) : [];
    }

    private ReadOnlySpan<byte> TakeElement()
    {
        var size = TensorTypes.SizeOf(_type);
        if (_type == TensorType.Bytes)
        {
            size = BinaryPrimitives.ReadInt32LittleEndian(_elements.AsSpan(_position));
            _position += TensorTypes.LengthPrefix;
        }

        _position += size;
        return _elements.AsSpan(_position - size, size);
    }

    private RejectionReason CheckColumns() =>
        _columns > ClassSpace.MaxClasses ? RejectionReason.TooManyClasses : RejectionReason.None;

    /// <summary>How many texts there are, −1 when their lengths are wrong.</summary>
    private int CountTexts()
    {
        var rest = (ReadOnlySpan<byte>)_elements.AsSpan(0, _length);
        var count = 0;
        for (; !rest.IsEmpty; count++)
        {
            if (!BinaryPrimitives.TryReadUInt32LittleEndian(rest, out var size) || size > (uint)(rest.Length - TensorTypes.LengthPrefix))
            {
                return -1;
            }

            rest = rest[(TensorTypes.LengthPrefix + (int)size)..];
        }

        return count;
    }

    private Span<byte> Extend(int bytes)
    {
        if (_elements.Length - _length < bytes)
        {
            Array.Resize(ref _elements, Math.Max(2 * _elements.Length, _length + bytes));
        }

        _length += bytes;
        return _elements.AsSpan(_length - bytes, bytes);
    }
}
