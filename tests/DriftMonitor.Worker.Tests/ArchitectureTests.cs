using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using static ArchUnitNET.Fluent.ArchRuleDefinition;
using static ArchUnitNET.Fluent.Slices.SliceRuleDefinition;

namespace DriftMonitor.Worker.Tests;

/// <summary>
/// The arrows between the folders of <c>src</c>, whose names the namespaces are: one way, and only those that a room's idea allows.
/// </summary>
public sealed class ArchitectureTests
{
    private static readonly System.Reflection.Assembly Library = typeof(DriftMonitor.Model.SeriesKey).Assembly;
    private static readonly System.Reflection.Assembly Worker = typeof(DriftMonitor.Worker.Commands.CommandConsole).Assembly;

    private static readonly Architecture Rooms = new ArchLoader().LoadAssemblies(Library, Worker).Build();

    /// <summary>A rule is only worth what it finds: these namespaces hold a cycle.</summary>
    [Fact]
    public void A_planted_cycle_is_found() =>
        Assert.False(Slices().Matching("DriftMonitor.Worker.Tests.Planted.(*)").Should().BeFreeOfCycles()
            .HasNoViolations(new ArchLoader()
                .LoadNamespacesWithinAssembly(typeof(ArchitectureTests).Assembly, "DriftMonitor.Worker.Tests.Planted").Build()));

    [Theory]
    [InlineData("DriftMonitor.(*)")]
    [InlineData("DriftMonitor.Worker.(**)")]
    public void Folders_have_no_cycle(string folders) => Check(Slices().Matching(folders).Should().BeFreeOfCycles());

    /// <summary>Whoever embeds the library brings the transport, the web and the clock.</summary>
    [Fact]
    public void The_library_needs_no_transport() => Assert.DoesNotContain(
        Library.GetReferencedAssemblies(),
        assembly => !assembly.Name!.StartsWith("System", StringComparison.Ordinal)
            && assembly.Name is not ("MathNet.Numerics" or "Microsoft.Win32.Primitives"));

    [Fact]
    public void Kafka_knows_no_type_of_the_domain() => Check(
        Types().That().ResideInNamespace("DriftMonitor.Worker.Kafka").Should().OnlyDependOn(
            Types().That().ResideInNamespace("DriftMonitor.Worker.Kafka")
                .Or().ResideInNamespace("DriftMonitor.Display")
                .Or().ResideInNamespace("DriftMonitor.Worker.Logs")
                .Or().DoNotResideInNamespaceMatching("^DriftMonitor")));

    /// <summary>Who shows something reads snapshots, and never asks a stage.</summary>
    [Theory]
    [InlineData("DriftMonitor.Worker.Metrics")]
    [InlineData("DriftMonitor.Worker.Http")]
    public void Readers_of_the_state_know_no_stage(string reader) => Check(
        Types().That().ResideInNamespace(reader).Should().NotDependOnAny(
            Types().That().ResideInNamespaceMatching("^DriftMonitor[.]Worker[.](Lanes|Windows|Join|Topics|Wire|Commands)([.]|$)")));

    private static void Check(ArchUnitNET.Fluent.IArchRule rule) => Assert.True(
        rule.HasNoViolations(Rooms),
        string.Join('\n', rule.Evaluate(Rooms).Where(result => !result.Passed).Select(result => result.Description)));
}
