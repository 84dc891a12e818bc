using System.Reflection;
using System.Runtime.Loader;
using DriftMonitor.Panes;
using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>
/// Whether a register replaces another, as the library beside the program under test says: the very rule that this program merges by.
/// </summary>
internal sealed class MergeRule
{
    private readonly ConstructorInfo _constructor;
    private readonly MethodInfo _replaces;

    public MergeRule(string program)
    {
        var library = Path.Combine(Path.GetDirectoryName(program)!, typeof(PaneRegister).Assembly.GetName().Name + ".dll");
        var assembly = new AssemblyLoadContext(nameof(MergeRule)).LoadFromAssemblyPath(library);
        var register = assembly.GetType(typeof(PaneRegister).FullName!, throwOnError: true)!;
        _constructor = register.GetConstructors().Single();
        _replaces = assembly.GetType(typeof(RegisterVersions).FullName!, throwOnError: true)!.GetMethod(nameof(RegisterVersions.Replaces))!;
    }

    public bool Replaces(PaneRegister candidate, PaneRegister known) => (bool)_replaces.Invoke(null, [Offsets(candidate), Offsets(known)])!;

    /// <summary>A register of that library: the same place, nothing in it but what the rule asks for.</summary>
    private object Offsets(PaneRegister register) =>
        _constructor.Invoke([.. _constructor.GetParameters().Select(parameter => parameter.Name switch
    {
        nameof(PaneRegister.FirstOffset) => register.FirstOffset,
        nameof(PaneRegister.LastOffset) => register.LastOffset,
        _ => parameter.ParameterType.IsValueType ? Activator.CreateInstance(parameter.ParameterType) : null,
    })]);
}
