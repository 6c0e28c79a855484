namespace BackendGuide.ContentService.Markdown;

/// <summary>The ids of a page, of which no two are the same.</summary>
internal sealed class PageIds(IEnumerable<string> taken)
{
    private readonly HashSet<string> _taken = new(taken, StringComparer.Ordinal);

    // What is before it was taken already: a thousand headings of one name need not try a thousand numbers each.
    private readonly Dictionary<string, int> _last = new(StringComparer.Ordinal);

    /// <summary>Takes an id, with a number at its end where another has it.</summary>
    public string Take(string id)
    {
        var unique = id;
        for (var n = _last.GetValueOrDefault(id, 1) + 1; !_taken.Add(unique); n++)
        {
            unique = $"{id}-{n}";
            _last[id] = n;
        }
        return unique;
    }
}
