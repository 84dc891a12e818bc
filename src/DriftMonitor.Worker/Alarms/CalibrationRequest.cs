using DriftMonitor.Windows;

namespace DriftMonitor.Worker.Alarms;

/// <summary>What has to be worked out before a window has a threshold.</summary>
/// <param name="Subject">Whose and which, for people: <c>digits/_all drift</c>.</param>
/// <param name="Prepare">Works it out: slow. Equal for the same calibration.</param>
/// <param name="Window">The window.</param>
/// <param name="Events">About how many events it has.</param>
internal readonly record struct CalibrationRequest(string Subject, Action<WindowSpec, long> Prepare, WindowSpec Window, long Events);
