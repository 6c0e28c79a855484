using System.Reflection;
using System.Text.Json;
using BackendGuide.CareerService.Careers;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Validation;
using Npgsql;

namespace BackendGuide.CareerService;

/// <summary>
/// Gives an empty database its first careers: the files under <c>Seed</c>, each the body of a PUT, through the same checks and the same
/// writes, all in one transaction. Of several instances that start at once, one does it.
/// </summary>
internal sealed partial class Seeding(EventLog log, CareerWriter careers, ILogger<Seeding> logger) : IHostedLifecycleService
{
    private const string Folder = "Seed/Careers/";
    private const long AdvisoryLock = 724504;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        var count = await log.WriteAsync(SeedAsync, cancellationToken);
        if (count > 0)
        {
            Seeded(count);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private async Task<int> SeedAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        await using var locking = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({AdvisoryLock})", transaction.Connection, transaction);
        await locking.ExecuteNonQueryAsync(cancellationToken);
        // A statement of its own, after the lock: its snapshot has what the instance before this one committed.
        await using var look = new NpgsqlCommand("SELECT NOT EXISTS (SELECT FROM career)", transaction.Connection, transaction);
        if (await look.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return 0;
        }
        var count = 0;
        foreach (var (slug, body) in ReadFiles())
        {
            await careers.SaveAsync(transaction, slug, body, cancellationToken);
            count++;
        }
        return count;
    }

    /// <summary>The careers by the name of their files; the name without its extension is the slug.</summary>
    internal static IEnumerable<(string Slug, CareerBody Body)> ReadFiles()
    {
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(Folder, StringComparison.Ordinal)).Order())
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var document = JsonDocument.Parse(stream);
            var faults = new Faults();
            var input = new ObjectInput(document.RootElement, "$", faults);
            var body = CareerInput.Read(input);
            input.RefuseOthers();
            if (faults.Any)
            {
                var first = faults.ByPlace.First();
                throw new InvalidDataException($"{name}: {first.Key} {first.Value[0]}");
            }
            yield return (Path.GetFileNameWithoutExtension(name), body);
        }
    }

    [LoggerMessage(200, LogLevel.Information, "The database had no careers: {Count} seeded")]
    private partial void Seeded(int count);
}
