namespace BackendGuide.Testing;

/// <summary>One PostgreSQL, one RabbitMQ and one Redis, shared by the test modules that run at the same time.</summary>
internal interface ITestServerSet : IAsyncDisposable
{
    /// <summary>Without a database, as its superuser.</summary>
    string PostgresConnectionString { get; }

    /// <summary>For the default virtual host.</summary>
    string RabbitMqConnectionString { get; }

    /// <summary>The management API, whose user is that of the connection string.</summary>
    Uri RabbitMqManagementUrl { get; }

    string RedisConnectionString { get; }
}
