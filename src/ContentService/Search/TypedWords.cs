using System.Text.RegularExpressions;

namespace BackendGuide.ContentService.Search;

/// <summary>
/// Words as somebody types them into a search, without what PostgreSQL's <c>websearch_to_tsquery</c> takes for operators: for the comparison with
/// titles that a typo needs, which knows no operators.
/// </summary>
/// <param name="Wanted">What is searched for.</param>
/// <param name="Excluded">What must not be there: a search of its own for any of it.</param>
internal sealed partial record TypedWords(string Wanted, string Excluded)
{
    /// <summary>Takes the words apart.</summary>
    public static TypedWords Of(string text)
    {
        List<string> wanted = [];
        List<string> excluded = [];
        foreach (Match term in Terms.Matches(text))
        {
            var words = term.Groups["words"].Value.Trim();
            if (term.Groups["not"].Length > 0)
            {
                excluded.Add($"\"{words}\"");
            }
            else if (words.Length > 0 && !words.Equals("or", StringComparison.OrdinalIgnoreCase))
            {
                wanted.Add(words);
            }
        }
        return new TypedWords(string.Join(' ', wanted), string.Join(" or ", excluded));
    }

    [GeneratedRegex("""(?<not>-?)(?:"(?<words>[^"]*)"?|(?<words>[^\s"]+))""")]
    private static partial Regex Terms { get; }
}
