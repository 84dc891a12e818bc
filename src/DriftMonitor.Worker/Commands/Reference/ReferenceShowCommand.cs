using System.CommandLine;
using DriftMonitor.Worker.Configuration;
using DriftMonitor.Worker.References;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace DriftMonitor.Worker.Commands.Reference;

/// <summary><c>reference show</c>: what a snapshot holds, and what can be told by it.</summary>
internal static class ReferenceShowCommand
{
    private const int ShownClasses = 20;
    private const int BesideBars = 45; // columns that the numbers and the lines between them take

    private static readonly FalseAlarmBudget OnceAMonth = new(1, 30 * 86_400_000L);
    private static readonly string Spans = new WindowOptions().Spans;

    public static Command Create(CommandConsole console, KeptCalibrations kept)
    {
        var file = Arguments.FileArgument("file", "A snapshot.");
        var budget = Arguments.Budget(
            "--budget",
            "Budget of false alarms that thresholds are computed for, such as \"critical: 1 per 30d, warning: 1 per 7d\". Default: "
                + "\"critical: 1 per 30d\".");
        var windows = Arguments.Windows("--windows", $"The windows that share the budget. Default: {Spans}.");
        var service = new ServiceFile("Alarms:SmallestEffect");
        var command = new Command(
            "show", "Show what a snapshot holds, the thresholds that a budget of false alarms gives, and the smallest drift that they "
                + "see.") { file, budget, windows, service.Option };
        command.SetAction(parsed => console.TellFaults(() =>
        {
            var shared = parsed.GetValue(windows) ?? new WindowOptions().ReadSpans([]);
            var budgets = Budgets(parsed.GetValue(budget)?.Kl);
            var problems = budgets
                .Select(
                    each => BudgetLimit.Keeps(each.Allowed, shared, out var most) ? null : $"--budget = '{each.Allowed}': must be {most}")
                .OfType<string>().ToList();
            if (problems.Count > 0)
            {
                throw new InvalidConfigurationException(problems);
            }

            var snapshot = ReferenceFile.Read(parsed.GetRequiredValue(file).FullName);
            console.Show(Facts(snapshot));
            console.Show(Classes(snapshot, console.Screen.Profile.Width));
            if (Distinct(snapshot).Count() > ShownClasses)
            {
                console.Screen.WriteLine($"and {Distinct(snapshot).Count() - ShownClasses} more");
            }

            console.Screen.WriteLine();
            var effects = service.Read(parsed)?.Alarms.Of(snapshot.Model).SmallestEffect ?? SmallestEffects.Default;
            foreach (var (severity, allowed) in budgets)
            {
                foreach (var part in WorkOut(console, new ThresholdTables(snapshot, severity, allowed, shared, effects, kept)))
                {
                    console.Show(part);
                }
            }

            return 0;
        }));
        return command;
    }

    /// <summary>What thresholds are worked out for, one severity after the other.</summary>
    private static (AlarmSeverity Severity, FalseAlarmBudget Allowed)[] Budgets(Thresholds? given) => given is not { } setting
        ? [(AlarmSeverity.Critical, OnceAMonth)]
        :
        [
            .. new[] { (AlarmSeverity.Critical, Budget: setting.CriticalBudget), (AlarmSeverity.Warning, Budget: setting.WarningBudget) }
                .Where(each => each.Budget is not null)
                .Select(each => (each.Item1, each.Budget!.Value)),
        ];

    /// <summary>Seconds of work: whoever waits before a screen sees that something is done.</summary>
    private static IReadOnlyList<IRenderable> WorkOut(CommandConsole console, ThresholdTables tables) =>
        console.ErrorScreen is not { } screen ? tables.WorkOut() : screen.Status().Start("working out thresholds", _ => tables.WorkOut());

    private static Grid Facts(ReferenceSnapshot snapshot)
    {
        var floors = new long[] { 100, 1_000, 10_000, 100_000 }.Select((n, i) =>
        {
            var nats = snapshot.All.NoiseFloorNats(n, new EvaluationSettings().PseudoEvents);
            return i == 0
                ? string.Create(CultureInfo.InvariantCulture, $"{nats:0.00000} nats at {n} events")
                : string.Create(CultureInfo.InvariantCulture, $"{nats:0.00000} at {n}");
        });
        var facts = new Grid().AddColumns(2)
            .AddRow("model", MarkupText.Of(snapshot.Model))
            .AddRow("id", snapshot.Id)
            .AddRow("version", Number(snapshot.Version, "0"))
            .AddRow("created", TimeText.Utc(snapshot.CreatedAt))
            .AddRow("events (m)", Number(snapshot.All.Events, "0"))
            .AddRow(
                "classes (K)",
                $"{Distinct(snapshot).Count() - 1}{(snapshot.ClassSpace.Choices > 1 ? ", each by itself" : "")}, "
                + $"class space {snapshot.ClassSpace.Id}")
            .AddRow("segments", MarkupText.Of(string.Join(", ", snapshot.Segments.Keys.Order(StringComparer.Ordinal))))
            .AddRow("blocks", Blocks(snapshot))
            .AddRow("entropy", $"{Number(Entropy.OfChoices(Entropy.Of(snapshot.All.Shares), snapshot.ClassSpace.Choices), "0.00000")} nats")
            .AddRow("noise floor", string.Join(", ", floors));
        if ((snapshot.Errors ?? snapshot.Losses) is { } labels)
        {
            var accuracy = snapshot.AccuracyRatio is { } ratio ? $", accuracy {NumberText.Percent(ratio)}" : "";
            var cost = snapshot.Losses is { } losses ? $", cross-entropy {Number(losses.Mean, "0.00000")} nats" : "";
            facts.AddRow("labels", $"{Number(labels.Events, "0")}{accuracy}{cost}");
        }

        foreach (var (estimate, baseline) in snapshot.Policies.OrderBy(policy => policy.Key))
        {
            facts.AddRow(
                "two policies",
                $"{Measures.NameOf(Measures.Of(estimate))}: {Number(baseline.Events, "0")} events, {Number(baseline.Mean, "0.00000")} "
                + $"nats");
        }

        return facts;
    }

    private static string Blocks(ReferenceSnapshot snapshot) =>
        ReferenceSpan.FromReference(snapshot)?.Text(snapshot.Blocks.Length)
        ?? "1: as far as is known, all events are of one moment; give each its time (ts)";

    private static Table Classes(ReferenceSnapshot snapshot, int width)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumn("class")
            .AddNumbers("share", "standard deviation").AddColumn("");
        var order = Distinct(snapshot).OrderByDescending(snapshot.All.ShareOf).ToArray();
        var longestName = order.Take(ShownClasses).Max(k => snapshot.ClassSpace.NameOf(k).Length);
        var bar = Math.Clamp(width - longestName - BesideBars, 8, 40);
        foreach (var k in order.Take(ShownClasses))
        {
            var share = snapshot.All.ShareOf(k);
            table.AddRow(
                MarkupText.Of(snapshot.ClassSpace.NameOf(k)),
                Number(share, "0.00000"),
                Number(snapshot.ClassSpace.Choices * Math.Sqrt(snapshot.All.Variances[k]), "0.00000"),
                new string('█', (int)Math.Round(bar * share / Math.Max(snapshot.All.ShareOf(order[0]), double.Epsilon))));
        }

        return table;
    }

    private static IEnumerable<int> Distinct(ReferenceSnapshot snapshot) =>
        Enumerable.Range(0, snapshot.ClassSpace.CellCount).Where(snapshot.ClassSpace.IsDistinct);

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
