using BackendGuide.Eventing.Tests;
using Microsoft.Extensions.Hosting;
using Npgsql;

// A service of the tests' small domain as a process of its own, to be killed and stopped:
//   EventingProcess producer <database> <broker>
//   EventingProcess consumer <database> <broker> <queue> <the producer's database> [<setting>=<value> ...]
// A producer writes a thing for each line on its input, and answers each with its version; either ends with its input, or by itself.
var (role, database, broker) = (args[0], args[1], args[2]);
await using var host =
    role == "producer"
        ? await EventingHost.StartProducerAsync(database, broker, CancellationToken.None)
        : await EventingHost.StartConsumerAsync(database, broker, args[3], args[4], CancellationToken.None, ApplyOrDieAsync, Settings());
var ends = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
host.Get<IHostApplicationLifetime>().ApplicationStopping.Register(() => ends.TrySetResult(null));
Console.WriteLine("started");

// Not ReadLineAsync, which blocks its caller as well.
while (await (await Task.WhenAny(ends.Task, Task.Run(Console.In.ReadLine))) is { } line)
{
    Console.WriteLine(await host.SaveAsync(Guid.Parse(line), "written by a process", CancellationToken.None));
}

Dictionary<string, string> Settings() => args[5..].Select(setting => setting.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

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
