namespace DriftMonitor.Worker.References;

/// <summary>A file that is no usable reference: which one, and what is wrong with it, on one line.</summary>
internal sealed class InvalidReferenceException(string path, Exception problem)
    : Exception(DisplayText.Of($"{path}: {ErrorText.Of(problem)}"), problem);
