using System.Collections.Concurrent;
using System.Text.RegularExpressions;
using ColorCode;
using ColorCode.Common;
using ColorCode.Compilation;

namespace BackendGuide.ContentService.Markdown;

/// <summary>A language as one expression, and what each of its groups is.</summary>
internal sealed record CodeGrammar(Regex Regex, IList<string?> Scopes);

/// <summary>ColorCode's languages, and ours instead of those that take time by a power of what they read in ordinary code.</summary>
internal static class CodeGrammars
{
    /// <summary>
    /// What a match takes is microseconds, so nothing but an expression that tries all ways of reading something comes near, or a machine that
    /// lets it wait: long enough that the latter is seldom taken for the former.
    /// </summary>
    public static readonly TimeSpan LongestMatch = TimeSpan.FromMilliseconds(500);

    // ColorCode's comment of C, C#, Java, JavaScript and others reads the end of a line in two ways: one that is not closed, or a path like /*, costs
    // twice as much with each line after it.
    private const string CommentOfColorCode = @"/\*([^*]|[\r\n]|(\*+([^*/]|[\r\n])))*\*+/";

    private static readonly LanguageRepository s_languages = Load();
    private static readonly ConcurrentDictionary<string, CodeGrammar> s_grammars = new(StringComparer.Ordinal);

    /// <summary>The grammar of a language by one of its names; null where there is none.</summary>
    public static CodeGrammar? Find(string language) =>
        s_languages.FindById(language) is { } found ? s_grammars.GetOrAdd(found.Id, static (_, one) => Compile(one), found) : null;

    private static LanguageRepository Load()
    {
        var languages = Languages.All.ToDictionary(language => language.Id, StringComparer.Ordinal);
        foreach (var own in LinearGrammars.All)
        {
            languages[own.Id] = own;
        }
        return new LanguageRepository(languages);
    }

    private static CodeGrammar Compile(ILanguage language)
    {
        var rules = language.Rules.Select(rule => rule.Regex == CommentOfColorCode ? LinearGrammars.Comment : rule).ToList();
        var compiler = new LanguageCompiler([], new ReaderWriterLockSlim());
        var unbounded = compiler.Compile(new LinearGrammar(language.Id, language.Name, rules));
        return new CodeGrammar(new Regex(unbounded.Regex.ToString(), unbounded.Regex.Options, LongestMatch), unbounded.Captures!);
    }
}
