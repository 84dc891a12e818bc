using System.Globalization;
using System.Reflection;
using BenchmarkDotNet.Running;
using DriftMonitor.Benchmarks;
using DriftMonitor.Benchmarks.Comparison;
using DriftMonitor.Benchmarks.Detection;

if (args is ["restore"]) // these are of whole processes, once: nothing for BenchmarkDotNet
{
    await RestoreMeasurement.RunAsync();
}
else if (args is ["capacity"])
{
    await CapacityMeasurement.RunAsync();
}
else if (args is ["capacity", "ids"])
{
    await CapacityMeasurement.RunIdsAsync();
}
else if (args is ["takeover"])
{
    await TakeoverMeasurement.RunAsync();
}
else if (args is ["soak", .. var options])
{
    return await SoakMeasurement.RunAsync(options) ? 0 : 1;
}
else if (args is ["compare", var baseCommit, .. var more])
{
    return CompareMeasurement.Run(baseCommit, more) ? 0 : 1;
}
else if (args is ["calibrations", var models])
{
    ManyCalibrations.Run(int.Parse(models, CultureInfo.InvariantCulture));
}
else if (args is ["vocabulary"])
{
    VocabularyMeasurement.Run();
}
else if (args is ["feedback"])
{
    FeedbackMeasurement.Run();
}
else if (args is ["labels"])
{
    LabelsMeasurement.Run();
}
else if (args is ["detection", var what, .. var rest])
{
    DetectionMeasurement.Run(what, rest);
}
else
{
    BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
}

return 0;
