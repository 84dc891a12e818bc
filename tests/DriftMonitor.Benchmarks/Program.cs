using System.Reflection;
using BenchmarkDotNet.Running;
using DriftMonitor.Benchmarks;

if (args is ["restore"])
{
    await RestoreMeasurement.RunAsync(); // of a whole process, once: nothing for BenchmarkDotNet
}
else
{
    BenchmarkSwitcher.FromAssembly(Assembly.GetExecutingAssembly()).Run(args);
}
