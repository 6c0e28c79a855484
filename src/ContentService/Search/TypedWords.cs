using System.Text.RegularExpressions;

namespace BackendGuide.ContentService.Search;

/// <summary>
/// Words as somebody types them into a search, without what PostgreSQL's <c>websearch_to_tsquery</c> takes for operators: for the comparison with
/// titles that a typo needs, which knows no operators.
/// </summary>
/// <param name="Wanted">What is searched for.</param>
/// <param name="Excluded">What must not be there: a search of its own for any of it.</param>
/// <param name="AreChoices">One of the words wanted is enough, or may be: there is an <c>or</c>.</param>
internal sealed partial record TypedWords(string Wanted, string Excluded, bool AreChoices)
{
    private const int ShortestSwapped = 4;
    private const int LongestSwapped = 20;
    private const int MostSwapped = 5;
    private const int ShortestMisspelt = 5;
    private const int LongestMisspelt = 8; // what is longer has enough left that is right

    /// <summary>
    /// What was wanted where somebody has swapped two letters: a search for each of the first few words with any two neighbours swapped back.
    /// </summary>
    public string Swapped
    {
        get
        {
            var plain = Words.Where(word => word.Length is >= ShortestSwapped and <= LongestSwapped).Take(MostSwapped);
            return string.Join(" or ", plain.SelectMany(Swaps));
        }
    }

    /// <summary>True for several words: where they are all in one title, they are as they were meant.</summary>
    public bool AreSeveral => !AreChoices && Wanted.Contains(' ', StringComparison.Ordinal);

    /// <summary>
    /// What was wanted where it is one word of five to eight letters, one of which is wrong or two of which are swapped: a regular expression of
    /// PostgreSQL's. Empty where it is not.
    /// </summary>
    public string Misspelt
    {
        get
        {
            var word = Wanted;
            if (word.Length is < ShortestMisspelt or > LongestMisspelt || !word.All(char.IsLetter))
            {
                return "";
            }
            var wrong = Enumerable.Range(0, word.Length).Select(i => $"{word[..i]}.{word[(i + 1)..]}");
            return $"\\m({string.Join('|', wrong.Concat(Swaps(word)))})\\M";
        }
    }

    // Of letters alone: what else there may be means something to a search, or to a pattern, and a number with two digits swapped is another number.
    private IEnumerable<string> Words => Wanted.Split(' ').Where(word => word.Length > 0 && word.All(char.IsLetter));

    /// <summary>Takes the words apart.</summary>
    public static TypedWords Of(string text)
    {
        List<string> wanted = [];
        List<string> excluded = [];
        var areChoices = false;
        foreach (Match term in Terms.Matches(text))
        {
            var words = term.Groups["words"].Value.Trim();
            if (term.Groups["not"].Length > 0)
            {
                excluded.Add(Separators.Replace($"\"{words}\""));
            }
            else if (words.Equals("or", StringComparison.OrdinalIgnoreCase))
            {
                areChoices = true;
            }
            else if (words.Length > 0)
            {
                wanted.Add(words);
            }
        }
        return new TypedWords(string.Join(' ', wanted), string.Join(" or ", excluded), areChoices);
    }

    private static IEnumerable<string> Swaps(string word) =>
        from i in Enumerable.Range(0, word.Length - 1)
        where char.ToLowerInvariant(word[i]) != char.ToLowerInvariant(word[i + 1]) // else it is the same word to a search
        select $"{word[..i]}{word[i + 1]}{word[i]}{word[(i + 2)..]}";

    [GeneratedRegex("""(?:(?<not>-)\s*)?(?:"(?<words>[^"]*)"?|(?<words>[^\s"]+))""")]
    private static partial Regex Terms { get; }
}
