using BackendGuide.Eventing.Idempotency;
using BackendGuide.Eventing.Tests;
using BackendGuide.EventingProcess;
using Microsoft.Extensions.Hosting;
using Npgsql;

// A service of the tests' small domain as a process of its own, to be killed and stopped:
//   EventingProcess producer <database> <broker> [--Setting=value …]
//   EventingProcess writer   <database> <broker> [--Setting=value …]
//   EventingProcess once     <database> <broker> [--Setting=value …]
//   EventingProcess consumer <database> <broker> <queue> <the producer's database> [--Setting=value …]
// A producer writes a thing for each line on its input, and answers each with its version; a writer writes by itself, see Writer; one that
// writes once takes keys, see OnceWriter. The settings are those of the backbone. Each ends with its input, or by itself.
var settings = args.Where(arg => arg.StartsWith("--", StringComparison.Ordinal))
    .Select(arg => arg[2..].Split('=', 2))
    .ToDictionary(pair => pair[0], pair => pair[1]);
var (role, database, broker) = (args[0], args[1], args[2]);
await using var host =
    role == "consumer"
        ? await EventingHost.StartConsumerAsync(database, broker, args[3], args[4], CancellationToken.None, ApplyOrDieAsync, settings)
        : await EventingHost.StartProducerAsync(database, broker, CancellationToken.None, settings);
var ends = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
host.Get<IHostApplicationLifetime>().ApplicationStopping.Register(() => ends.TrySetResult(null));
Console.WriteLine("started");
switch (role)
{
    case "writer":
        await Writer.RunAsync(host);
        break;
    case "once":
        await new OnceWriter(host.Get<IdempotentWrites>()).RunAsync();
        break;
    default:
        // Not ReadLineAsync, which blocks its caller as well.
        while (await (await Task.WhenAny(ends.Task, Task.Run(Console.In.ReadLine))) is { } line)
        {
            Console.WriteLine(await host.SaveAsync(Guid.Parse(line), "written by a process", CancellationToken.None));
        }
        break;
}

// What kills the process is known by its title; that it came is written down first, on a connection of its own.
async Task ApplyOrDieAsync(
    NpgsqlTransaction transaction,
    BackendGuide.Contracts.CloudEvent envelope,
    ThingChanged thing,
    CancellationToken cancellationToken
)
{
    if (thing.Title == Things.Poison)
    {
        await using var note = new NpgsqlConnection(database + ";Pooling=false");
        await note.OpenAsync(cancellationToken);
        await using var count = new NpgsqlCommand("INSERT INTO handled(event_id, slug, version) VALUES ($1, 'poison', $2)", note)
        {
            Parameters =
            {
                new() { Value = envelope.Id },
                new() { Value = thing.Version },
            },
        };
        await count.ExecuteNonQueryAsync(cancellationToken);
        Environment.FailFast("This event kills whoever handles it");
    }
    if (thing.Title == Things.Endless)
    {
        await new TaskCompletionSource().Task;
    }
    await Things.ApplyAsync(transaction, envelope, thing, cancellationToken);
}
