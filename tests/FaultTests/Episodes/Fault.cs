using BackendGuide.Testing;

namespace BackendGuide.FaultTests.Episodes;

/// <summary>How a process is hurt.</summary>
public enum FaultSignal
{
    /// <summary>It is gone at once; the system starts it again.</summary>
    Kill,

    /// <summary>It stands still for a while: its connections stay open, and nothing answers.</summary>
    Stop,
}

/// <summary>What is hurt.</summary>
public enum FaultTarget
{
    /// <summary>One of the content service's two instances; the seed picks which.</summary>
    Content,

    /// <summary>One of the career service's two.</summary>
    Career,
    PostgreSql,
    RabbitMq,
    Redis,
    Gateway,
}

/// <summary>One column of the matrix.</summary>
internal readonly record struct Fault(FaultSignal Signal, FaultTarget Target)
{
    /// <summary>Every fault that there is.</summary>
    public static IEnumerable<Fault> All =>
        from signal in Enum.GetValues<FaultSignal>()
        from target in Enum.GetValues<FaultTarget>()
        select new Fault(signal, target);

    /// <summary>The process that it hits.</summary>
    public ListedResource Pick(IReadOnlyList<ListedResource> resources, Random random)
    {
        var target = Target;
        ListedResource[] hit =
        [
            .. resources.Where(resource => IsHit(resource, target)).OrderBy(resource => resource.Name, StringComparer.Ordinal),
        ];
        return hit[random.Next(hit.Length)];
    }

    /// <summary>True where one of a service's two instances is hit, and the other is there.</summary>
    public bool IsOfAService => Target is FaultTarget.Content or FaultTarget.Career;

    public string SignalName => Signal == FaultSignal.Kill ? "SIGKILL" : "SIGSTOP";

    public override string ToString() => $"{SignalName}:{Target}";

    private static bool IsHit(ListedResource resource, FaultTarget target) =>
        target switch
        {
            FaultTarget.Content => resource.Name.StartsWith("content-", StringComparison.Ordinal),
            FaultTarget.Career => resource.Name.StartsWith("career-", StringComparison.Ordinal),
            FaultTarget.Gateway => resource.Name == "gateway",
            FaultTarget.PostgreSql => resource.Kind == "postgres",
            FaultTarget.RabbitMq => resource.Kind == "rabbitmq",
            FaultTarget.Redis => resource.Kind == "redis",
            _ => throw new ArgumentOutOfRangeException(nameof(target)),
        };
}
