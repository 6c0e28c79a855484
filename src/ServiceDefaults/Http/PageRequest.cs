using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>Which page of a list is wanted.</summary>
/// <param name="List">The list that cursors belong to.</param>
/// <param name="After">The sort key of the last item that was given out; null for the first page.</param>
/// <param name="Limit">1 to 100 items.</param>
public sealed record PageRequest(string List, string[]? After, int Limit)
{
    /// <summary>Names the page: the list, where it begins and how many it has.</summary>
    public string Key => $"{List}?limit={Limit}&after={(After is null ? "" : ListCursor.Write(List, After))}";

    private const int MaxLimit = 100;
    private const int DefaultLimit = 20;

    private static readonly ValueRule s_after = new()
    {
        Description = "The `next` of the page before it, given with the same other parameters. What was not given out is 400.",
        Pattern = "^[A-Za-z0-9_-]+$",
    };

    /// <summary>Reads <c>after</c> and <c>limit</c>.</summary>
    /// <param name="query">The request's query.</param>
    /// <param name="list">The list that cursors must belong to.</param>
    /// <param name="keyLength">How many parts the sort key has.</param>
    /// <param name="isKey">False for parts that cannot be a key of this list: somebody made that cursor up.</param>
    public static PageRequest Read(QueryInput query, string list, int keyLength, Predicate<string[]> isKey)
    {
        ArgumentNullException.ThrowIfNull(isKey);
        ArgumentNullException.ThrowIfNull(query);
        var limit = query.WholeNumber("limit", 1, MaxLimit, DefaultLimit);
        query.Say("limit", new ValueRule { Description = "How many items a page has at most." });
        string[]? after = null;
        var given = query.Text("after");
        query.Say("after", s_after);
        if (given is { } cursor && ((after = ListCursor.Read(list, keyLength, cursor)) is null || !isKey(after)))
        {
            query.Faults.Add("after", "is not a cursor that this list gave out");
        }
        return new PageRequest(list, after, limit);
    }

    /// <summary>Says of a described query that it has a page.</summary>
    public static void Describe(QueryInput query) => Read(query, "", 1, static _ => true);

    /// <summary>Makes the page from the items that were read, one more than the limit where there are more.</summary>
    public Page<T> Cut<T>(List<T> items, Func<T, string[]> keyOf)
    {
        ArgumentNullException.ThrowIfNull(items);
        ArgumentNullException.ThrowIfNull(keyOf);
        return items.Count <= Limit ? new(items, null) : new(items[..Limit], ListCursor.Write(List, keyOf(items[Limit - 1])));
    }
}
