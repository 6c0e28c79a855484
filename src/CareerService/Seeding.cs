using BackendGuide.CareerService.Careers;
using BackendGuide.Eventing.Log;
using BackendGuide.ServiceDefaults.Validation;
using Npgsql;

namespace BackendGuide.CareerService;

/// <summary>Gives an empty database its first careers: the files under <c>Seed</c>, each the body of a PUT.</summary>
internal sealed class Seeding(EventLog log, CareerWriter careers, ILogger<Seeding> logger) : DatabaseSeeding(log, "career", logger)
{
    protected override async Task<int> SeedAsync(NpgsqlTransaction transaction, CancellationToken cancellationToken)
    {
        var count = 0;
        foreach (var (slug, body) in ReadFiles())
        {
            await careers.SaveAsync(transaction, slug, body, author: "", conditions: null, cancellationToken);
            count++;
        }
        return count;
    }

    // The day of a seed's figures is that of its page: a clock that is behind must not keep a new system from starting.
    internal static IEnumerable<(string Slug, CareerBody Body)> ReadFiles() =>
        EmbeddedBodies.Read(typeof(Seeding).Assembly, "Seed/Careers/", input => CareerInput.Read(input, today: DateOnly.MaxValue));
}
