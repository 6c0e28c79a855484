using BackendGuide.ServiceDefaults.Validation;
using Npgsql;

namespace BackendGuide.ContentService.Guides;

/// <summary>
/// Finds what a guide refers to and what is not public, for a guide neither in English nor in the locale of the one that refers to it. A career may be
/// unknown yet: it is another service's.
/// </summary>
internal static class DanglingReferences
{
    private const string MissingSql = """
        SELECT kind, slug FROM unnest($1, $2) AS r(kind, slug)
        WHERE kind = 'technology' AND NOT EXISTS (SELECT FROM technology t WHERE t.slug = r.slug AND t.withdrawn_at IS NULL)
           OR kind = 'guide' AND slug <> $3
            AND NOT EXISTS (SELECT FROM guide g WHERE g.slug = r.slug AND g.locale IN ('en', $4) AND g.published IS NOT NULL)
        """;

    /// <summary>Each place that refers to what does not exist, or is withdrawn.</summary>
    /// <param name="transaction">That of the publication.</param>
    /// <param name="key">The guide, which exists itself as soon as it is published.</param>
    /// <param name="references">What its blocks refer to.</param>
    /// <param name="cancellationToken">The request's.</param>
    public static async Task<Faults> FindAsync(
        NpgsqlTransaction transaction,
        GuideKey key,
        IReadOnlyList<Reference> references,
        CancellationToken cancellationToken
    )
    {
        var faults = new Faults();
        var distinct = references.Select(reference => (reference.Kind, reference.Slug)).Distinct().ToList();
        if (distinct.Count == 0)
        {
            return faults;
        }
        await using var command = new NpgsqlCommand(MissingSql, transaction.Connection, transaction)
        {
            Parameters =
            {
                new() { Value = distinct.Select(reference => reference.Kind).ToArray() },
                new() { Value = distinct.Select(reference => reference.Slug).ToArray() },
                new() { Value = key.Slug },
                new() { Value = key.Locale },
            },
        };
        HashSet<(string, string)> missing = [];
        await using var row = await command.ExecuteReaderAsync(cancellationToken);
        while (await row.ReadAsync(cancellationToken))
        {
            missing.Add((row.GetString(0), row.GetString(1)));
        }
        foreach (var reference in references.Where(reference => missing.Contains((reference.Kind, reference.Slug))))
        {
            faults.Add(reference.Path, $"There is no {reference.Kind} '{reference.Slug}'");
        }
        return faults;
    }
}
