namespace DriftMonitor.Windows;

/// <summary>Why events of a register count in no window.</summary>
public enum RegisterRefusal
{
    /// <summary>Its series is new and the cap on series is reached.</summary>
    SeriesLimit,

    /// <summary>Its class space gave way to another one, or has not taken over yet.</summary>
    OtherClasses,

    /// <summary>Its sums have another number of cells than the class space that it names.</summary>
    WrongCells,

    /// <summary>
    /// Its pane was taken for settled since its source partition had been idle for so long: the record was on its way for longer than
    /// <see cref="WindowPlan.IdlePatienceMs"/>.
    /// </summary>
    Settled,

    /// <summary>Its pane is behind every window: its partition was not read, or written, for longer than windows reach back.</summary>
    Passed,

    /// <summary>Its lane has other windows (<see cref="LanePlan"/>).</summary>
    OtherPlan,

    /// <summary>It takes new memory, of a series, its classes or a pane, and the budget of memory is used up.</summary>
    MemoryLimit,
}
