using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Technologies;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Validation;
using Npgsql;

namespace BackendGuide.ContentService;

/// <summary>Gives an empty database its first guides and technologies: the files under <c>Seed</c>, each the body of a PUT.</summary>
internal sealed class Seeding(
    EventLog log,
    GuideWriter guides,
    GuidePublisher publisher,
    TechnologyWriter technologies,
    ILogger<Seeding> logger
) : DatabaseSeeding(log, "guide", logger)
{
    protected override async Task<int> SeedAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var (slug, body) in Read("Seed/Technologies/", TechnologyInput.Read))
        {
            await technologies.SaveAsync(transaction, slug, body, conditions: null, cancellationToken);
            count++;
        }
        foreach (var (slug, body) in Read("Seed/Guides/", GuideInput.Read))
        {
            var key = new GuideKey(slug, GuideLocale.Default);
            await guides.SaveAsync(transaction, key, body, author: "", conditions: null, cancellationToken);
            var outcome = await publisher.PublishAsync(transaction, key, conditions: null, at: null, cancellationToken);
            if (outcome is not PublishOutcome.Done)
            {
                throw new InvalidDataException($"The seed guide '{slug}' cannot be published: it refers to what the seed lacks.");
            }
            count++;
        }
        return count;
    }

    private static IEnumerable<(string Slug, T Body)> Read<T>(string folder, Func<ObjectInput, T> read) =>
        EmbeddedBodies.Read(typeof(Seeding).Assembly, folder, read);
}
