using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Search;

/// <summary>What is searched for, where, and which page of it is wanted.</summary>
/// <param name="Text">The words, as they were typed but for negations of negations.</param>
/// <param name="Kinds">Kinds of things, each once.</param>
/// <param name="Locale">The locale of the guides.</param>
/// <param name="Page">The page.</param>
internal sealed record SearchRequest(string Text, IReadOnlyList<string> Kinds, string Locale, PageRequest Page)
{
    public const int MaxLength = 400;

    private static readonly string[] s_kinds = [Reference.Guide, Reference.Technology, Reference.Career];

    private static readonly ValueRule s_text = new()
    {
        Description = "The words: `\"a phrase\"`, `-not`, `or`. Without any there are no items.",
        Pattern = "^[^\\u0000]*$",
        MaxLength = MaxLength,
        IsRequired = true,
    };

    /// <summary>Reads the query; what is wrong with it goes to its faults.</summary>
    public static SearchRequest Read(QueryInput query)
    {
        var text = ReadText(query);
        var kinds = ReadKinds(query);
        var locale = GuideLocale.Read(query);
        // A cursor has the name in it, and words may be long.
        var all = Encoding.UTF8.GetBytes($"{locale}\n{string.Join(',', kinds)}\n{text}");
        var name = $"search/{Base64Url.EncodeToString(SHA256.HashData(all))}";
        return new SearchRequest(text, kinds, locale, PageRequest.Read(query, name, keyLength: 3, key => SearchKey.TryParse(key, out _)));
    }

    private static string ReadText(QueryInput query)
    {
        var given = query.Text("q");
        query.Say("q", s_text);
        if (given is not { } text)
        {
            query.Faults.Add("q", "is required");
            return "";
        }
        if (text.Contains('\0'))
        {
            query.Faults.Add("q", "must not have U+0000"); // PostgreSQL takes none
        }
        if (text.Length > MaxLength && text.EnumerateRunes().Count() > MaxLength)
        {
            query.Faults.Add("q", $"must have at most {MaxLength} characters");
        }
        return Negations.Fold(text);
    }

    private static string[] ReadKinds(QueryInput query)
    {
        var given = query.Text("kind");
        query.Say(
            "kind",
            new ValueRule
            {
                Words = s_kinds,
                IsList = true,
                Description = "What is searched; everything without it.",
            }
        );
        if (given is not { } list)
        {
            return s_kinds;
        }
        var kinds = list.Split(',');
        foreach (var unknown in kinds.Except(s_kinds))
        {
            query.Faults.Add("kind", $"'{unknown}' is none of {string.Join(", ", s_kinds)}");
        }
        return [.. s_kinds.Intersect(kinds)]; // in one order, so that the same kinds are the same search
    }
}

/// <summary>Where a page of a search ends: what it is ordered by.</summary>
internal sealed record SearchKey(double Score, DateTime ChangedAt, long Id)
{
    public string[] ToParts() =>
        [
            Score.ToString("R", CultureInfo.InvariantCulture),
            ChangedAt.ToString("O", CultureInfo.InvariantCulture),
            Id.ToString(CultureInfo.InvariantCulture),
        ];

    /// <summary>False for parts that were never given out.</summary>
    public static bool TryParse(string[] parts, out SearchKey key)
    {
        var isKey = double.TryParse(parts[0], NumberStyles.Float, CultureInfo.InvariantCulture, out var score) && double.IsFinite(score);
        isKey &= DateTime.TryParseExact(parts[1], "O", CultureInfo.InvariantCulture, DateTimeStyles.RoundtripKind, out var changedAt);
        isKey &= long.TryParse(parts[2], NumberStyles.None, CultureInfo.InvariantCulture, out var id);
        key = new SearchKey(score, changedAt, id);
        return isKey && changedAt.Kind == DateTimeKind.Utc;
    }
}
