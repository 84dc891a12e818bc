namespace DriftMonitor.Worker.Pages;

/// <summary>What the pages need. <see cref="Views.MonitorViews"/> and the clock are the host's.</summary>
internal static class PagesHosting
{
    public static IServiceCollection AddPages(this IServiceCollection services) => services
        .AddSingleton<PageWriter>()
        .AddSingleton<PageReader>();
}
