namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>At which moment a replica is killed.</summary>
internal enum KillAim
{
    /// <summary>At any.</summary>
    AtRandom,

    /// <summary>As soon as something of a publication has arrived.</summary>
    WhilePublishing,

    /// <summary>As soon as a publication has reached its end, which has not been committed then.</summary>
    AfterPublishing,

    /// <summary>As soon as the broker knows of a commit, which the replica may not know yet.</summary>
    WhileCommitting,

    /// <summary>While it starts, joins its groups or reads its topics back.</summary>
    WhileStarting,
}
