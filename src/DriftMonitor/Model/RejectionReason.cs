namespace DriftMonitor.Model;

/// <summary>Why a record is not counted in any window. Each value is a label of the rejection counter, written in snake case.</summary>
public enum RejectionReason
{
    /// <summary>Not rejected.</summary>
    None,

    /// <summary>No bytes, or none within the frames. A null value, a tombstone, is ignored instead.</summary>
    Empty,

    /// <summary>More bytes than a record may have.</summary>
    TooLarge,

    /// <summary>Not JSON, not UTF-8, or nested too deeply.</summary>
    Malformed,

    /// <summary>Wrapped in a frame that its source does not declare: Confluent's framing, gzip, Kafka Connect's or a JSON string.</summary>
    UndeclaredFrame,

    /// <summary>A schema's id that the registry does not know, or whose schema is neither Avro nor JSON Schema.</summary>
    UnknownSchema,

    /// <summary>No CloudEvent, in a topic of such.</summary>
    NotACloudEvent,

    /// <summary>The JSON is not an object.</summary>
    NotAnObject,

    /// <summary>A known field has a value of the wrong type.</summary>
    WrongType,

    /// <summary>A known field, or a class, stands twice.</summary>
    DuplicateField,

    /// <summary>A name is empty or too long, or a model's or segment's holds control characters or ones that turn text direction.</summary>
    InvalidName,

    /// <summary>No model in the payload, the record key or the configuration.</summary>
    MissingModel,

    /// <summary>The model is not configured and unknown models are not accepted.</summary>
    UnknownModel,

    /// <summary>The model is new and the cap on models is reached.</summary>
    ModelLimit,

    /// <summary>It takes new memory, of a model, its classes or a pane, and the budget of memory is used up.</summary>
    MemoryLimit,

    /// <summary>None of the output forms.</summary>
    MissingOutput,

    /// <summary>More than one output form, or more outputs than the one that is named.</summary>
    SeveralOutputs,

    /// <summary>Half of a pair is missing: <c>chosen</c> or <c>rejected</c>, <c>current</c> or <c>reference</c>.</summary>
    IncompleteOutput,

    /// <summary>
    /// An output form that the model's classes cannot take: a score where there are no bins, or another output where there are; with a
    /// label, one that gives no class a probability.
    /// </summary>
    FormMismatch,

    /// <summary>The number of values is not the number of classes.</summary>
    WrongArity,

    /// <summary>
    /// An output of one class, which is always 1 and cannot drift. One number of a classifier of two classes is a <c>probability</c>.
    /// </summary>
    SingleClass,

    /// <summary>
    /// Log-probabilities of sampled tokens that begin or end with what padding is filled with (0, 1, −10¹⁰), without a <c>mask</c> or a
    /// <c>length</c>.
    /// </summary>
    Padding,

    /// <summary>More values than a class space may have.</summary>
    TooManyClasses,

    /// <summary>A hard label or a score for a model whose class space nothing has fixed yet.</summary>
    UnknownClassSpace,

    /// <summary>NaN or an infinity where a finite number must stand.</summary>
    NotFinite,

    /// <summary>A probability below 0 or above 1.</summary>
    ProbabilityOutOfRange,

    /// <summary>Probabilities that do not sum to 1.</summary>
    SumNotOne,

    /// <summary>
    /// No time at all: none that can be read, within the years 2000 to 2100, in the payload, and none of the record's own.
    /// </summary>
    InvalidTimestamp,

    /// <summary>Older than its own record by more than the allowed lateness, or for a pane that has closed.</summary>
    Late,

    /// <summary>Ahead of its own record, or a record ahead of the monitor's clock, by more than the allowed skew.</summary>
    Future,

    /// <summary>
    /// Logits that are probabilities, none below 0 and 1 together: a softmax over them would be another distribution. They are
    /// <c>probs</c>.
    /// </summary>
    NotLogits,
}
