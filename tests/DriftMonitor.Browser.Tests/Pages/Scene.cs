namespace DriftMonitor.Browser.Tests.Pages;

/// <summary>A screen in a state.</summary>
/// <param name="Name">What it is called in a test's name.</param>
/// <param name="Stage">Which monitor it is of.</param>
/// <param name="Path">Its address on that.</param>
/// <param name="Words">What it says, among other things.</param>
/// <param name="Status">The status of the answer.</param>
internal sealed record Scene(string Name, string Stage, string Path, string Words, int Status = 200)
{
    public const string Empty = "empty";
    public const string Busy = "busy";
    public const string Locked = "locked";
    public const string CutOff = "cut off";

    public static Scene[] All { get; } =
    [
        new("alarms, nothing yet", Empty, "/", "No model yet: no prediction has been read"),
        new("models, none", Empty, "/models", "No model yet"),
        new("references, none", Empty, "/references", "There is none yet"),
        new("rejected, nothing", Empty, "/rejected", "Nothing has been read yet"),
        new("monitor, new", Empty, "/monitor", "The monitor is healthy"),
        new("alarm, unknown", Empty, "/alarm?model=none", "none", 404),
        new("model, unknown", Empty, "/model?model=none", "none", 404),
        new("model, no name", Empty, "/model", "The address names no model", 400),
        new("alarms", Busy, "/", "critical alarm"),
        new("alarms, none like that", Busy, "/?search=zebra", "No alarm is like that"),
        new("alarm, critical", Busy, "/alarm?model=digits&severity=critical", "33.5 %"),
        new("alarm, warning", Busy, "/alarm?model=spam", "Warning"),
        new("alarm, ended", Busy, "/alarm?model=past", "It has ended"),
        new("alarm, owner gone", Busy, "/alarm?model=ghost", "8 is predicted 33.5 % of the time instead of 10.1 %"),
        new("alarm, cross-entropy", Busy, "/alarm?model=costly&kind=cross_entropy", "mean cross-entropy"),
        new("alarm, accuracy", Busy, "/made-accuracy", "share of labels that the prediction matches"),
        new("alarm, dispersion", Busy, "/made-dispersion", "how unsure single outputs are"),
        new("models", Busy, "/models", "steady"),
        new("model, alarm", Busy, "/model?model=digits", "Alarms\n"),
        new("model, guarded", Busy, "/model?model=steady", "guarded"),
        new("model, filling", Busy, "/model?model=young", "filling"),
        new("model, no reference", Busy, "/model?model=bare", "There is no reference to compare with"),
        new("model, rejected", Busy, "/model?model=refused", "More than half of its latest records could not be read"),
        new("model, owner gone", Busy, "/model?model=ghost", "its replica is gone"),
        new("model, owner elsewhere", Busy, "/model?model=theirs", "are not known here"),
        new("references", Busy, "/references", "version"),
        new("references of a model", Busy, "/references?model=digits", "Promote live traffic"),
        new(
            "references, owner gone", Busy, "/references?model=ghost",
            "only the replica that watches the model knows, and it cannot be asked"),
        new("rejected", Busy, "/rejected", "malformed"),
        new("rejected of a model", Busy, "/rejected?model=digits", "late"),
        new("rejected of a rejected model", Busy, "/rejected?model=refused", "sum_not_one"),
        new("rejected of a model, none", Busy, "/rejected?model=steady", "Nothing of this model was rejected"),
        new("monitor", Busy, "/monitor", "gone"),
        new("runbook", Busy, "/runbooks/ModelOutputDriftCritical", "ModelOutputDriftCritical"),
        new("runbook of reasons", Busy, "/runbooks/Reasons", "malformed"),
        new("alarms, brokers down", CutOff, "/", Pages.Stage.BrokersDown),
        new("alarm, brokers down", CutOff, "/alarm?model=digits", Pages.Stage.BrokersDown),
        new("models, brokers down", CutOff, "/models", Pages.Stage.BrokersDown),
        new("references, brokers down", CutOff, "/references", Pages.Stage.BrokersDown),
        new("rejected, brokers down", CutOff, "/rejected", Pages.Stage.BrokersDown),
        new("monitor, brokers down", CutOff, "/monitor", Pages.Stage.BrokersDown),
        new("model, owner does not answer", CutOff, "/model?model=theirs", "its replica does not answer"),
        new("token needed", Locked, "/", "A token is needed", 401),
    ];

    public static Scene Named(string name) => All.Single(scene => scene.Name == name);
}
