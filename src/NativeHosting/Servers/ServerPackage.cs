namespace BackendGuide.NativeHosting.Servers;

/// <summary>What a server's package is called.</summary>
internal sealed record ServerPackage(string Name, string Apt, string Dnf, string Brew, Func<bool> IsThere)
{
    /// <summary>Says <c>never</c> where nothing may be installed.</summary>
    public const string InstallVariable = "BACKENDGUIDE_INSTALL";

    public static readonly ServerPackage Postgres = new(
        "PostgreSQL",
        "postgresql",
        "postgresql-server postgresql-contrib",
        "postgresql@17",
        () => ServerBinaries.Postgres() is not null
    );

    public static readonly ServerPackage RabbitMq = new(
        "RabbitMQ",
        "rabbitmq-server",
        "rabbitmq-server",
        "rabbitmq",
        () => ServerBinaries.RabbitMq() is not null
    );

    public static readonly ServerPackage Redis = new("Redis", "redis-server", "redis", "redis", () => ServerBinaries.Redis() is not null);

    public static string Commands(IReadOnlyCollection<ServerPackage> packages) =>
        $"""
              apt-get install {string.Join(' ', packages.Select(package => package.Apt))}
              dnf install {string.Join(' ', packages.Select(package => package.Dnf))}
              brew install {string.Join(' ', packages.Select(package => package.Brew))}
            """;
}
