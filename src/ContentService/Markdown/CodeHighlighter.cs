using System.Text;
using System.Text.RegularExpressions;
using ColorCode;
using ColorCode.Common;
using ColorCode.Compilation;
using ColorCode.Parsing;
using ColorCode.Styling;

namespace BackendGuide.ContentService.Markdown;

/// <summary>
/// Code as HTML, its words in spans with classes: <c>&lt;span class="hl-keyword"&gt;</c>. A language that ColorCode does not know is only escaped.
/// </summary>
/// <remarks>
/// ColorCode's grammars are regular expressions that can take time by the square of what they read. So code above a length, or beyond what a guide
/// may have highlighted in all, is only escaped, and so is what takes longer than a generous moment.
/// </remarks>
internal sealed class CodeHighlighter
{
    private const int LongestCode = 16 * 1024;
    private const int MostCode = 64 * 1024;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(2);
    private static readonly BoundedCompiler s_compiler = new();

    private static readonly Dictionary<string, string> s_classes = typeof(ScopeName)
        .GetFields()
        .Where(field => field.Name is not nameof(ScopeName.PlainText) and not nameof(ScopeName.LanguagePrefix))
        .ToDictionary(field => (string)field.GetRawConstantValue()!, field => $"hl-{ToKebab(field.Name)}");

    private int _left = MostCode;

    /// <summary>The classes that there may be.</summary>
    public static IReadOnlyCollection<string> Classes => s_classes.Values;

    /// <summary>The inside of a <c>code</c> element.</summary>
    public string Highlight(string code, string? language)
    {
        if (language is null || code.Length > LongestCode || code.Length > _left || Languages.FindById(language) is not { } grammar)
        {
            return HtmlText.Escape(code);
        }
        _left -= code.Length;
        try
        {
            return new Spans().Write(code, grammar);
        }
        catch (RegexMatchTimeoutException)
        {
            _left = 0;
            return HtmlText.Escape(code);
        }
    }

    private static string ToKebab(string name) =>
        string.Concat(name.Select((c, i) => (i > 0 && char.IsUpper(c) ? "-" : "") + char.ToLowerInvariant(c)));

    private sealed class Spans()
        : CodeColorizerBase(
            new StyleDictionary(),
            new LanguageParser(s_compiler, new LanguageRepository(Languages.All.ToDictionary(one => one.Id)))
        )
    {
        private readonly StringBuilder _html = new();

        public string Write(string code, ILanguage language)
        {
            languageParser.Parse(code, language, Write);
            return _html.ToString();
        }

        protected override void Write(string parsedSourceCode, IList<Scope> scopes) =>
            WriteParts(parsedSourceCode, 0, parsedSourceCode.Length, scopes);

        private void WriteParts(string code, int from, int to, IList<Scope> scopes)
        {
            var at = from;
            foreach (var scope in scopes.OrderBy(scope => scope.Index))
            {
                var (start, end) = (Math.Clamp(scope.Index, at, to), Math.Clamp(scope.Index + scope.Length, at, to));
                HtmlText.Append(_html, code.AsSpan(at, start - at));
                var hasClass = s_classes.TryGetValue(scope.Name, out var name);
                _html.Append(hasClass ? $"<span class=\"{name}\">" : "");
                WriteParts(code, start, end, scope.Children);
                _html.Append(hasClass ? "</span>" : "");
                at = end;
            }
            HtmlText.Append(_html, code.AsSpan(at, to - at));
        }
    }

    /// <summary>Compiles each language once, with a limit of time for each match.</summary>
    private sealed class BoundedCompiler : ILanguageCompiler
    {
        private readonly LanguageCompiler _compiler = new([], new ReaderWriterLockSlim());
        private readonly Dictionary<string, CompiledLanguage> _compiled = [];
        private readonly Lock _gate = new();

        public CompiledLanguage Compile(ILanguage language)
        {
            lock (_gate)
            {
                if (!_compiled.TryGetValue(language.Id, out var compiled))
                {
                    var unbounded = _compiler.Compile(language);
                    var regex = new Regex(unbounded.Regex.ToString(), unbounded.Regex.Options, s_patience);
                    compiled = new CompiledLanguage(unbounded.Id, unbounded.Name, regex, unbounded.Captures);
                    _compiled.Add(language.Id, compiled);
                }
                return compiled;
            }
        }
    }
}
