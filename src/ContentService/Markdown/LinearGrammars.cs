using ColorCode;
using ColorCode.Common;

namespace BackendGuide.ContentService.Markdown;

/// <summary>A language by its rules.</summary>
internal sealed record LinearGrammar(string Id, string Name, IList<LanguageRule> Rules, params string[] Aliases) : ILanguage
{
    public string FirstLinePattern => "";

    public string CssClassName => Id;

    public bool HasAlias(string lang) => Aliases.Contains(lang, StringComparer.OrdinalIgnoreCase);
}

/// <summary>
/// Languages whose grammars by ColorCode take time by a power of what they read, where a quote or a tag is not closed or a list is long. These read
/// each letter a fixed number of times: a word that is begun is one, though it may not be ended; nothing is read again in another way; what is
/// of no interest is read in one go.
/// </summary>
internal static class LinearGrammars
{
    public static readonly LanguageRule Comment = Rule(@"/\*(?s:.*?)(?:\*/|\z)", ScopeName.Comment);

    private const string BeginOfString = @"""(?>[^""\\\n]*(?:\\.[^""\\\n]*)*)";

    // A piece of a selector or of a value: also a string with what would end it.
    private const string CssPiece = """(?:[^{};"'/]|/(?!\*)|"[^"\n]*"|'[^'\n]*'|["'])""";

    private const string AttributeName = """([^\s"'<>/=?]+)""";

    public static IReadOnlyList<ILanguage> All =>
        [
            new LinearGrammar(
                LanguageId.Json,
                "JSON",
                [
                    Comment,
                    Rule(@"//[^\n]*", ScopeName.Comment),
                    Rule($@"{BeginOfString}""(?=\s*:)", ScopeName.JsonKey),
                    Rule($@"{BeginOfString}""?", ScopeName.JsonString),
                    Rule(@"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?", ScopeName.JsonNumber),
                    Rule(@"\b(?:true|false|null)\b", ScopeName.JsonConst),
                ],
                "jsonc",
                "json5"
            ),
            new LinearGrammar(
                LanguageId.Css,
                "CSS",
                [
                    Comment,
                    Rule($@"(?!\s)(?>{CssPiece}+(?<!\s))(?=\s*{{)", ScopeName.CssSelector),
                    Rule($@"(?>([-\w]+))(?>\s*:\s*)(?>({CssPiece}+(?<!\s)))", null, ScopeName.CssPropertyName, ScopeName.CssPropertyValue),
                    Rule($@"(?!\s)(?>{CssPiece}+)", ScopeName.PlainText),
                ]
            ),
            new LinearGrammar(
                LanguageId.Xml,
                "XML",
                [
                    Rule(@"<!--(?s:.*?)(?:-->|\z)", ScopeName.HtmlComment),
                    Rule(
                        @"(<!\[CDATA\[)((?s:.*?))(\]\]>|\z)",
                        null,
                        ScopeName.XmlDelimiter,
                        ScopeName.XmlCDataSection,
                        ScopeName.XmlDelimiter
                    ),
                    Rule(
                        """(<[/?!]?)([a-zA-Z_][\w.-]*)(?:(:)([\w.-]+))?"""
                            + $"""(?>(?:\s+|{AttributeName}(?:(?>\s*)(=)(?>\s*)(?:(["])([^"]*)(["]?)|(')([^']*)('?)|[^\s"'<>]+)?)?|(["])([^"]*)(["]?))*)"""
                            + """([/?]?>)?""",
                        null,
                        ScopeName.XmlDelimiter,
                        ScopeName.XmlName,
                        ScopeName.XmlDelimiter,
                        ScopeName.XmlName,
                        ScopeName.XmlAttribute,
                        ScopeName.XmlDelimiter,
                        ScopeName.XmlAttributeQuotes,
                        ScopeName.XmlAttributeValue,
                        ScopeName.XmlAttributeQuotes,
                        ScopeName.XmlAttributeQuotes,
                        ScopeName.XmlAttributeValue,
                        ScopeName.XmlAttributeQuotes,
                        ScopeName.XmlAttributeQuotes,
                        ScopeName.XmlAttributeValue,
                        ScopeName.XmlAttributeQuotes,
                        ScopeName.XmlDelimiter
                    ),
                    Rule(@"&#?(?>\w+);", ScopeName.XmlAttribute),
                ]
            ),
            new LinearGrammar(
                LanguageId.Html,
                "HTML",
                [
                    Rule(@"<!--(?s:.*?)(?:-->|\z)", ScopeName.HtmlComment),
                    HtmlElement("(?i:script)(?![-:.\\w])", """(>)((?s:.*?))(?=</(?i:script)|\z)""", LanguageId.JavaScript),
                    HtmlElement("(?i:style)(?![-:.\\w])", """(>)((?s:.*?))(?=</(?i:style)|\z)""", LanguageId.Css),
                    HtmlElement("""[a-zA-Z_][\w.:-]*""", """([/?]?>)?""", null),
                    Rule(@"&#?(?>\w+);", ScopeName.HtmlEntity),
                ],
                "htm"
            ),
        ];

    private static LanguageRule HtmlElement(string name, string end, string? language) =>
        Rule(
            $"""({(language is null ? "<[/?!]?" : "<")})({name})"""
                + $"""(?>(?:\s+|{AttributeName}(?:(?>\s*)(=)(?>\s*)("[^"]*"?|'[^']*'?|[^\s"'<>]+)?)?|("[^"]*"?))*)"""
                + end,
            null,
            ScopeName.HtmlTagDelimiter,
            ScopeName.HtmlElementName,
            ScopeName.HtmlAttributeName,
            ScopeName.HtmlOperator,
            ScopeName.HtmlAttributeValue,
            ScopeName.HtmlAttributeValue,
            ScopeName.HtmlTagDelimiter,
            language is null ? null : ScopeName.LanguagePrefix + language
        );

    /// <param name="regex">What is read.</param>
    /// <param name="scopes">What it is, and its groups after it.</param>
    private static LanguageRule Rule(string regex, params string?[] scopes) =>
        new(regex, scopes.Index().Where(scope => scope.Item is not null).ToDictionary(scope => scope.Index, scope => scope.Item!));
}
