namespace Aspire.Hosting.ApplicationModel;

/// <summary>A part of the system, by name.</summary>
public interface IResource
{
    /// <summary>The name: unique in the application.</summary>
    string Name { get; }
}

/// <summary>A resource that is given environment variables.</summary>
public interface IResourceWithEnvironment : IResource;

/// <summary>A resource that others reach over the network.</summary>
public interface IResourceWithEndpoints : IResource;

/// <summary>A resource whose addresses others get under its name.</summary>
public interface IResourceWithServiceDiscovery : IResourceWithEndpoints;

/// <summary>A resource that others reach by a connection string.</summary>
public interface IResourceWithConnectionString : IResource;

/// <summary>A resource that can wait for others before it starts.</summary>
public interface IResourceWithWaitSupport : IResource;

/// <summary>What every resource has: a name, and what it waits for.</summary>
public abstract class Resource(string name) : IResource
{
    /// <inheritdoc/>
    public string Name { get; } = name;

    internal List<IResource> WaitsFor { get; } = [];
}

/// <summary>A value that is given to resources: a password, a key.</summary>
public sealed class ParameterResource : Resource
{
    internal ParameterResource(string name, string value, bool secret)
        : base(name)
    {
        Value = value;
        Secret = secret;
    }

    /// <summary>Whether the value is kept out of what is shown.</summary>
    public bool Secret { get; }

    internal string Value { get; }
}

/// <summary>A PostgreSQL server.</summary>
public sealed class PostgresServerResource : Resource, IResourceWithConnectionString
{
    internal PostgresServerResource(string name, ParameterResource password)
        : base(name) => PasswordParameter = password;

    /// <summary>The password of the server's user.</summary>
    public ParameterResource PasswordParameter { get; }

    internal List<PostgresDatabaseResource> Databases { get; } = [];
}

/// <summary>A database of a PostgreSQL server.</summary>
public sealed class PostgresDatabaseResource : Resource, IResourceWithConnectionString
{
    internal PostgresDatabaseResource(string name, string databaseName, PostgresServerResource parent)
        : base(name)
    {
        DatabaseName = databaseName;
        Parent = parent;
    }

    /// <summary>The server that has it.</summary>
    public PostgresServerResource Parent { get; }

    /// <summary>Its name on that server.</summary>
    public string DatabaseName { get; }
}

/// <summary>A RabbitMQ broker.</summary>
public sealed class RabbitMQServerResource : Resource, IResourceWithConnectionString
{
    internal RabbitMQServerResource(string name, ParameterResource password)
        : base(name) => PasswordParameter = password;

    /// <summary>The password of the broker's user.</summary>
    public ParameterResource PasswordParameter { get; }
}

/// <summary>A Redis server.</summary>
public sealed class RedisResource : Resource, IResourceWithConnectionString
{
    internal RedisResource(string name, ParameterResource password)
        : base(name) => PasswordParameter = password;

    /// <summary>The password that clients give.</summary>
    public ParameterResource? PasswordParameter { get; }
}

/// <summary>A .NET project that runs as one or more processes.</summary>
public sealed class ProjectResource : Resource, IResourceWithEnvironment, IResourceWithServiceDiscovery, IResourceWithWaitSupport
{
    internal ProjectResource(string name, string assembly)
        : base(name) => Assembly = assembly;

    internal string Assembly { get; }

    internal List<KeyValuePair<string, string>> Environment { get; } = [];

    internal List<IResource> References { get; } = [];

    internal int Replicas { get; set; } = 1;

    internal bool HasHttpEndpoint { get; set; }

    internal int? Port { get; set; }

    internal bool IsExternal { get; set; }

    internal string? HealthPath { get; set; }
}
