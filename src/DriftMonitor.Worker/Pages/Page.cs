using Microsoft.AspNetCore.Components;

namespace DriftMonitor.Worker.Pages;

/// <summary>A page for people: what it is called and what is on it. The layout is around it.</summary>
/// <param name="Title">What it is called, without the name of the program.</param>
/// <param name="Body">What is on it.</param>
internal sealed record Page(string Title, RenderFragment Body)
{
    /// <summary>The entry of the navigation that it belongs to; null for none.</summary>
    public PageRoom? Room { get; init; }

    public int Status { get; init; } = StatusCodes.Status200OK;

    /// <summary>How often a browser asks for it anew, as htmx reads it: <c>10s</c>; null for never.</summary>
    public string? RefreshedEvery { get; init; }

    /// <summary>What leads from it to the monitor's root: empty, or <c>../</c>.</summary>
    public string Root { get; init; } = "";

    /// <summary>How often what is shown is asked for anew.</summary>
    public const string Refresh = "10s";
}
