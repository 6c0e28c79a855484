using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting;

/// <summary>Parameters: passwords and keys.</summary>
public static class ParameterResourceBuilderExtensions
{
    /// <summary>Adds a parameter with a fixed value.</summary>
    public static IResourceBuilder<ParameterResource> AddParameter(
        this IDistributedApplicationBuilder builder,
        string name,
        string value,
        bool publishValueAsDefault = false,
        bool secret = false
    ) =>
        publishValueAsDefault && secret
            ? throw new ArgumentException("A secret is not published.", nameof(secret))
            : builder.AddResource(new ParameterResource(name, value, secret));

    internal static ParameterResource Required(this IResourceBuilder<ParameterResource>? password, string name) =>
        password?.Resource ?? throw new DistributedApplicationException($"'{name}' needs a password: its data outlives a generated one.");
}

internal static class NotNatively
{
    /// <summary>Aspire's signatures say more than the servers of this machine can do: better an exception than silence.</summary>
    public static void Supported(bool supported, string what)
    {
        if (!supported)
        {
            throw new DistributedApplicationException($"The native engine has no {what}.");
        }
    }
}

/// <summary>PostgreSQL.</summary>
public static class PostgresBuilderExtensions
{
    /// <summary>Adds a PostgreSQL server.</summary>
    public static IResourceBuilder<PostgresServerResource> AddPostgres(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null
    )
    {
        NotNatively.Supported(userName is null, "a user name for PostgreSQL");
        NotNatively.Supported(port is null, "a fixed port for PostgreSQL");
        return builder.AddResource(new PostgresServerResource(name, password.Required(name)));
    }

    /// <summary>Adds a database, created at start where it is missing.</summary>
    public static IResourceBuilder<PostgresDatabaseResource> AddDatabase(
        this IResourceBuilder<PostgresServerResource> builder,
        string name,
        string? databaseName = null
    )
    {
        var database = new PostgresDatabaseResource(name, databaseName ?? name, builder.Resource);
        builder.Resource.Databases.Add(database);
        return builder.ApplicationBuilder.AddResource(database);
    }

    /// <summary>Keeps the data. Here it is always kept, in the data folder; the name is a container volume's.</summary>
    public static IResourceBuilder<PostgresServerResource> WithDataVolume(
        this IResourceBuilder<PostgresServerResource> builder,
        string? name = null,
        bool isReadOnly = false
    )
    {
        NotNatively.Supported(!isReadOnly, "a read-only volume");
        return builder;
    }
}

/// <summary>RabbitMQ.</summary>
public static class RabbitMQBuilderExtensions
{
    /// <summary>Adds a RabbitMQ broker.</summary>
    public static IResourceBuilder<RabbitMQServerResource> AddRabbitMQ(
        this IDistributedApplicationBuilder builder,
        string name,
        IResourceBuilder<ParameterResource>? userName = null,
        IResourceBuilder<ParameterResource>? password = null,
        int? port = null
    )
    {
        NotNatively.Supported(userName is null, "a user name for RabbitMQ");
        NotNatively.Supported(port is null, "a fixed port for RabbitMQ");
        return builder.AddResource(new RabbitMQServerResource(name, password.Required(name)));
    }

    /// <summary>Keeps the data. Here it is always kept, in the data folder; the name is a container volume's.</summary>
    public static IResourceBuilder<RabbitMQServerResource> WithDataVolume(
        this IResourceBuilder<RabbitMQServerResource> builder,
        string? name = null,
        bool isReadOnly = false
    )
    {
        NotNatively.Supported(!isReadOnly, "a read-only volume");
        return builder;
    }
}

/// <summary>Redis.</summary>
public static class RedisBuilderExtensions
{
    /// <summary>Adds a Redis server that keeps nothing on the disk.</summary>
    public static IResourceBuilder<RedisResource> AddRedis(
        this IDistributedApplicationBuilder builder,
        string name,
        int? port = null,
        IResourceBuilder<ParameterResource>? password = null
    )
    {
        NotNatively.Supported(port is null, "a fixed port for Redis");
        return builder.AddResource(new RedisResource(name, password.Required(name)));
    }
}
