using System.Reflection;
using System.Text.Json;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Technologies;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Validation;
using Npgsql;

namespace BackendGuide.ContentService;

/// <summary>
/// Gives an empty database its first guide and technologies: the files under <c>Seed</c>, each the body of a PUT, through the same checks
/// and the same writes, all in one transaction. Of several instances that start at once, one does it.
/// </summary>
internal sealed partial class Seeding(EventLog log, GuideWriter guides, TechnologyWriter technologies, ILogger<Seeding> logger)
    : IHostedLifecycleService
{
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
        await using var look = new NpgsqlCommand("SELECT NOT EXISTS (SELECT FROM guide)", transaction.Connection, transaction);
        if (await look.ExecuteScalarAsync(cancellationToken) is not true)
        {
            return 0;
        }
        var count = 0;
        foreach (var (slug, body) in ReadFolder("Technologies", TechnologyInput.Read))
        {
            await technologies.SaveAsync(transaction, slug, body, cancellationToken);
            count++;
        }
        foreach (var (slug, body) in ReadFolder("Guides", GuideInput.Read))
        {
            await guides.SaveAsync(transaction, slug, body, cancellationToken);
            if (await guides.PublishAsync(transaction, slug, cancellationToken) is not PublishOutcome.Done)
            {
                throw new InvalidDataException($"The seed guide '{slug}' cannot be published: it refers to what the seed lacks.");
            }
            count++;
        }
        return count;
    }

    /// <summary>The files of one folder by name; the name without its extension is the slug.</summary>
    internal static IEnumerable<(string Slug, T Body)> ReadFolder<T>(string folder, Func<ObjectInput, T> read)
    {
        var assembly = Assembly.GetExecutingAssembly();
        var prefix = $"Seed/{folder}/";
        foreach (var name in assembly.GetManifestResourceNames().Where(name => name.StartsWith(prefix, StringComparison.Ordinal)).Order())
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            using var document = JsonDocument.Parse(stream);
            var faults = new Faults();
            var input = new ObjectInput(document.RootElement, "$", faults);
            var body = read(input);
            input.RefuseOthers();
            if (faults.Any)
            {
                var first = faults.ByPlace.First();
                throw new InvalidDataException($"{name}: {first.Key} {first.Value[0]}");
            }
            yield return (Path.GetFileNameWithoutExtension(name[prefix.Length..]), body);
        }
    }

    [LoggerMessage(100, LogLevel.Information, "The database had no guides: {Count} resources seeded")]
    private partial void Seeded(int count);
}
