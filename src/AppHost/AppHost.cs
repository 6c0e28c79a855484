// The whole system on one page. It compiles against Aspire and against NativeHosting alike: docs/decisions says why.
using BackendGuide.AppHost;

using var launch = await Launch.PrepareAsync(args);
if (launch.IsAnswered)
{
    return launch.ExitCode;
}

var builder = DistributedApplication.CreateBuilder(launch.EngineArguments);
var settings = launch.Settings;

// The servers. Their passwords are fixed, because a kept volume refuses a newly generated one.
var passwords = launch.Passwords;
var postgres = builder
    .AddPostgres("postgres", password: builder.AddParameter("postgres-password", passwords.Postgres, secret: true))
    .WithDataVolume(launch.VolumeName("postgres"));
var contentDb = postgres.AddDatabase("content-db");
var careerDb = postgres.AddDatabase("career-db");
var messaging = builder
    .AddRabbitMQ("messaging", password: builder.AddParameter("messaging-password", passwords.Messaging, secret: true))
    .WithDataVolume(launch.VolumeName("messaging"));
var cache = builder.AddRedis("cache", password: builder.AddParameter("cache-password", passwords.Cache, secret: true));

// The key whose tokens every service takes: the one that signed the editor token.
var localKey = builder.AddParameter("local-key", launch.PublicKey);

// What a service shows to another: the feed of each is read by the other where the broker lost something, and by the gateway for everybody.
var internalToken = builder.AddParameter("internal-token", launch.InternalToken, secret: true);

// The services. Each is healthy when all that it stands on is.
var content = builder
    .AddProject<Projects.ContentService>("content")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.ContentReplicas)
    .WithReference(contentDb)
    .WaitFor(contentDb)
    .WithReference(messaging)
    .WaitFor(messaging)
    .WithReference(cache)
    .WaitFor(cache);

var career = builder
    .AddProject<Projects.CareerService>("career")
    .WithHttpEndpoint()
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.CareerReplicas)
    .WithReference(careerDb)
    .WaitFor(careerDb)
    .WithReference(messaging)
    .WaitFor(messaging)
    .WithReference(cache)
    .WaitFor(cache);

// Neither waits for the other: each starts, and serves, without it.
content.WithReference(career).WithEnvironment("Internal__Token", internalToken);
career.WithReference(content).WithEnvironment("Internal__Token", internalToken);

// Linked data has absolute addresses, and is kept for everybody: they cannot be those of whoever asked first.
content.WithEnvironment("Content__PublicUrl", settings.PublicUrl);
career.WithEnvironment("Career__PublicUrl", settings.PublicUrl);

// The gateway waits for the services alone: without the cache and the broker it is slower and staler, but it serves.
var gateway = builder
    .AddProject<Projects.Gateway>("gateway")
    .WithHttpEndpoint(port: settings.GatewayPort)
    .WithExternalHttpEndpoints()
    .WithHttpHealthCheck("/health")
    .WithReplicas(settings.GatewayReplicas)
    .WithReference(content)
    .WaitFor(content)
    .WithReference(career)
    .WaitFor(career)
    .WithReference(messaging)
    .WithReference(cache)
    .WithEnvironment("Internal__Token", internalToken);

foreach (var service in new[] { content, career, gateway })
{
    service
        .WithEnvironment("Authentication__Schemes__Bearer__ValidIssuers__0", LocalIdentity.Issuer)
        .WithEnvironment("Authentication__Schemes__Bearer__ValidAudiences__0", LocalIdentity.Audience)
        .WithEnvironment("Authentication__Schemes__Bearer__LocalKey", localKey);
    foreach (var (name, value) in settings.EnvironmentOf(service.Resource.Name))
    {
        service.WithEnvironment(name, value);
    }
}

await builder.Build().RunAsync();
return Environment.ExitCode;
