using System.Diagnostics;

namespace DriftMonitor.Worker.Formats;

/// <summary>What is expected of a record that is rejected, and what to do: the words of the page of all reasons.</summary>
internal static class ReasonText
{
    /// <summary>The page that has a row for each reason.</summary>
    public const string Page = "dashboards/runbooks/Reasons.md";

    /// <summary>What ignored records have in common.</summary>
    public const string Ignored = "a value, and what the source's Only asks for";

    /// <summary>What duplicates have in common.</summary>
    public const string NoDuplicate = "an id of its own, or none";

    /// <summary>What to do when most predictions are duplicates.</summary>
    public const string DuplicateRemedy =
        "if the id names something else than one prediction, set Deduplicate of the source to false, and Map no id; if producers repeat "
        + "themselves, nothing";

    private static readonly ImmutableArray<(string Expected, string Remedy)> All =
        [.. Enum.GetValues<RejectionReason>().Select(Of)];

    /// <summary>What a record must be, not to be rejected for this reason.</summary>
    public static string Expected(RejectionReason reason) => All[(int)reason].Expected;

    /// <summary>What to do about records that are rejected for this reason.</summary>
    public static string Remedy(RejectionReason reason) => All[(int)reason].Remedy;

    /// <summary>What a field must be that was left out, so that its record counts without it.</summary>
    public static string Expected(PredictionField fallenBack) => fallenBack switch
    {
        PredictionField.Timestamp => "a time of the years 2000 to 2100, in the source's TimeUnit or in ISO 8601",
        PredictionField.Segment => "a name of 1 to 256 characters that can be shown, not _all and not '… vs rest'",
        PredictionField.Version => "a name of 1 to 248 characters that can be shown, not _all and not '… vs rest'",
        _ => throw new UnreachableException(),
    };

    private static (string Expected, string Remedy) Of(RejectionReason reason) => reason switch
    {
        RejectionReason.None => ("", ""),
        RejectionReason.Empty => (
            "a value that has bytes, also within its frames", "send nothing, or a null value, which is ignored"),
        RejectionReason.TooLarge => (
            "no more bytes than Limits:RecordBytes, and no more than 65,536 rows", "send fewer rows a record, or raise Limits:RecordBytes"),
        RejectionReason.Malformed => (
            "what the source's Format and Frame say: JSON in UTF-8, unless they say otherwise",
            "compare Format and Frame with what is sent; if they are right, look at the producer's last release"),
        RejectionReason.UndeclaredFrame => (
            "no frame around the value but those that the source declares", "declare the Frame that the latest records name"),
        RejectionReason.UnknownSchema => (
            "the number of a schema that the registry knows, of Avro or JSON Schema",
            "for Avro set SchemaRegistry:Url of the source, to the registry that the producer uses; for Protobuf set Format"),
        RejectionReason.NotACloudEvent => (
            "a CloudEvent, structured or binary", "take CloudEvents out of the source's Frame or Format, or send them"),
        RejectionReason.NotAnObject => (
            "a JSON object", "for an array of predictions set Rows to ^, for a string that holds JSON set Frame to string"),
        RejectionReason.WrongType => (
            "values of the types that the output forms have", "Map another value to the field, or mend the producer"),
        RejectionReason.DuplicateField => (
            "every field and every class once", "mend the producer's encoder; a Map may find one value in two ways"),
        RejectionReason.InvalidName => (
            "names of 1 to 256 characters, of models and segments without control characters", "Map the name, or set Model in the source"),
        RejectionReason.MissingModel => (
            "a model: in the payload, in the source's Model, or as the record's key", "Map the field model, or set Model in the source"),
        RejectionReason.UnknownModel => (
            "a model that has a reference or classes, since Limits:AcceptUnknownModels is false",
            "build a reference of the model, or name it under Models"),
        RejectionReason.ModelLimit => (
            "a model that is watched, since Limits:Models are",
            "stop who makes names up, or raise Limits:Models: MonitorCardinalityLimited"),
        RejectionReason.MemoryLimit => (
            "nothing new, since Limits:MemoryCells are used up", "do what MonitorMemoryLimit says"),
        RejectionReason.MissingOutput => (
            "one of the output forms, and of a label also the prediction's id; where rows are declared, their array",
            "Map an output (for labels id and label), set Rows, or leave such records out with Only"),
        RejectionReason.SeveralOutputs => (
            "one output form, one label", "Map the one that counts, or name the OUTPUT in the Format"),
        RejectionReason.IncompleteOutput => (
            "both halves of a pair: chosen and rejected, current and reference", "send both"),
        RejectionReason.FormMismatch => (
            "an output form that the model's reference, Classes or first predictions have; for labels one with classes",
            "build a reference of what is sent now, set Models:N:Multilabel if its Classes hold by themselves, or give the other outputs "
            + "a model of their own"),
        RejectionReason.WrongArity => (
            "as many values as the model has classes", "build a reference of the new model version, or mend its Classes"),
        RejectionReason.SingleClass => (
            "at least two classes", "of a classifier of two classes Map the one number as probability, any other number as score"),
        RejectionReason.Padding => (
            "a mask or a length beside log-probabilities that are padded", "send mask or length, or cut the padding off"),
        RejectionReason.TooManyClasses => (
            "no more classes than a payload may fix: 10,000, or 1,000 that hold by themselves",
            "give the model a reference or Classes, or send top_logprobs"),
        RejectionReason.UnknownClassSpace => (
            "a model whose classes are known: labels, a list of names and a score do not tell them",
            "build a reference of the model, with --classes where all of its labels are one class, or set its Classes"),
        RejectionReason.NotFinite => (
            "finite numbers", "look at the model itself: it puts out NaN or infinities"),
        RejectionReason.NotLogits => (
            "logits: not all of them from 0 to 1 with a sum of 1", "Map the output to probs, which it is"),
        RejectionReason.ProbabilityOutOfRange => (
            "probabilities from 0 to 1", "Map the output to what it is: logits, logprobs or score"),
        RejectionReason.SumNotOne => (
            "probabilities that sum to 1 within Limits:SumTolerance",
            "Map the output to what it is: to top_probs where only the best classes are sent; raise the tolerance if it is rounded"),
        RejectionReason.InvalidTimestamp => (
            "a time of the years 2000 to 2100, in the payload or as the record's own",
            "Map ts and set TimeUnit, or mend the clock of the producer"),
        RejectionReason.Late => (
            "an event no older than its record by Windows:AllowedLateness, and of a pane that is open",
            "look at the producer's clock, and at TimeUnit and TimeZone; a backlog that is sent at once needs its own record times"),
        RejectionReason.Future => (
            "an event no later than its record, and a record no later than our clock, by Windows:AllowedSkew",
            "look at the clocks of the producer and of the monitor, and at TimeUnit and TimeZone"),
        _ => throw new UnreachableException(),
    };
}
