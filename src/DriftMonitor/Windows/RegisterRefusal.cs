namespace DriftMonitor.Windows;

/// <summary>Why a register's events count in no window.</summary>
public enum RegisterRefusal
{
    /// <summary>Its series is new and the cap on series is reached.</summary>
    SeriesLimit,

    /// <summary>Its class space gave way to another one, or has not taken over yet.</summary>
    OtherClasses,

    /// <summary>Its sums have another number of cells than the class space that it names.</summary>
    WrongCells,
}
