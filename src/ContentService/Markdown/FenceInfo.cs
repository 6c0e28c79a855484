using System.Text.RegularExpressions;

namespace BackendGuide.ContentService.Markdown;

/// <summary>What the first line of a fenced block says: one of our own blocks, <c>{career}</c>, or code in a language, with a title or without.</summary>
internal abstract partial record FenceInfo
{
    /// <summary>The names that are read as blocks of a guide; every other one in braces is somebody else's, and text.</summary>
    public static readonly IReadOnlySet<string> Kinds = new HashSet<string>(StringComparer.Ordinal)
    {
        "markdown",
        "definitions",
        "technologies",
        "guides",
        "career",
        "learningPath",
        Any,
    };

    /// <summary>The form that every block has: its JSON.</summary>
    public const string Any = "block";

    public sealed record Own(string Kind) : FenceInfo;

    public sealed record Code(string Language, string? Title) : FenceInfo;

    /// <summary>Null for what says neither: such a block stays in the text that it is in.</summary>
    public static FenceInfo? Read(string info)
    {
        if (OwnPattern.Match(info) is { Success: true } own && Kinds.Contains(own.Groups["kind"].Value))
        {
            return new Own(own.Groups["kind"].Value);
        }
        if (CodePattern.Match(info) is not { Success: true } code)
        {
            return null;
        }
        var title = code.Groups["title"];
        return new Code(code.Groups["language"].Value, title.Success ? Escaped.Replace(title.Value, "$1") : null);
    }

    /// <summary>The line for a block of code; null where a line cannot say it.</summary>
    public static string? Write(string language, string? title)
    {
        var info = title is null ? language : $"{language} title=\"{Escapable.Replace(title, @"\$0")}\"";
        return Read(info) is Code code && code.Language == language && code.Title == title ? info : null;
    }

    [GeneratedRegex(@"^\{(?<kind>[A-Za-z]+)\}[ \t]*\z", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex OwnPattern { get; }

    [GeneratedRegex(
        """^(?<language>[A-Za-z0-9+#._-]{1,64})([ \t]+title="(?<title>([^"\\\u0000-\u001F\u007F-\u009F\u2028\u2029]|\\["\\])*)")?[ \t]*\z""",
        RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture
    )]
    private static partial Regex CodePattern { get; }

    [GeneratedRegex("""\\(["\\])""")]
    private static partial Regex Escaped { get; }

    [GeneratedRegex("""["\\]""")]
    private static partial Regex Escapable { get; }
}
