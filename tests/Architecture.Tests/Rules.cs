using System.Reflection;
using System.Text.RegularExpressions;
using NetArchTest.Rules;

namespace BackendGuide.Architecture.Tests;

/// <summary>The design's rules as functions from code to whatever breaks them: so that each can be shown to bite.</summary>
internal static partial class Rules
{
    private static readonly string[] s_bus = ["MassTransit", "RabbitMQ.Client"];

    private static readonly string[] s_network =
    [
        "System.Net.Http.HttpClient",
        "System.Net.Http.HttpMessageInvoker",
        "System.Net.Http.IHttpClientFactory",
        "System.Net.WebRequest",
        "System.Net.Sockets",
        "System.Net.WebSockets",
    ];

    private static readonly string[] s_wallClock =
    [
        "System.DateTime::get_Now",
        "System.DateTime::get_UtcNow",
        "System.DateTime::get_Today",
        "System.DateTimeOffset::get_Now",
        "System.DateTimeOffset::get_UtcNow",
    ];

    /// <summary>The types that know the bus.</summary>
    public static IEnumerable<string> BusUses(Assembly assembly) => Dependents(assembly, s_bus);

    /// <summary>The types that speak to others over the network by themselves.</summary>
    public static IEnumerable<string> NetworkUses(Assembly assembly) => Dependents(assembly, s_network);

    /// <summary>The types that depend on a namespace or a type.</summary>
    public static IEnumerable<string> Dependents(Assembly assembly, params string[] on) =>
        (Types.InAssembly(assembly).That().HaveDependencyOnAny(on).GetTypes())
            .Select(type => (type.DeclaringType ?? type).FullName!)
            .Distinct();

    /// <summary>Who reads the wall clock.</summary>
    public static IEnumerable<string> WallClockReads(Code code) =>
        code.Calls.Where(call => s_wallClock.Contains(call.Called)).Select(call => $"{call.Type} calls {call.Called}");

    /// <summary>The tables that a script creates.</summary>
    public static IEnumerable<string> TablesCreated(string sql) => CreateTable().Matches(sql).Select(match => match.Groups["table"].Value);

    /// <summary>Those of the tables that a text names where SQL names tables.</summary>
    public static IEnumerable<string> TablesNamed(string text, IReadOnlySet<string> tables) =>
        NamedTable().Matches(text).Select(match => match.Groups["table"].Value).Where(tables.Contains).Distinct();

    /// <summary>What a text asks of PostgreSQL that the feed forbids: constraints checked before the commit, and notifications.</summary>
    public static IEnumerable<string> ForbiddenSql(string text) => Forbidden().Matches(text).Select(match => match.Value.Trim());

    /// <summary>The references that are not among those allowed.</summary>
    public static IEnumerable<string> Beyond(IEnumerable<string> references, IEnumerable<string> allowed) => references.Except(allowed);

    /// <summary>Paths of the proxy that lead, or could lead, to what is internal.</summary>
    public static IEnumerable<string> OpenDoors(IEnumerable<string> routedPaths) =>
        routedPaths.Where(path => !path.StartsWith("/api/v1/", StringComparison.Ordinal) || path.Contains("{*", StringComparison.Ordinal));

    [GeneratedRegex(@"\bCREATE\s+TABLE\s+(IF\s+NOT\s+EXISTS\s+)?(?<table>\w+)", RegexOptions.IgnoreCase)]
    private static partial Regex CreateTable();

    [GeneratedRegex(@"\b(FROM|JOIN|INTO|UPDATE|TABLE|REFERENCES|ON)\s+(ONLY\s+)?(?<table>[a-z_]\w*)")]
    private static partial Regex NamedTable();

    // A statement of its own or the function; the word in a sentence is none.
    [GeneratedRegex(
        @"\bSET\s+CONSTRAINTS\b[^;]*\bIMMEDIATE\b|\bpg_notify\b|(^|;)\s*(NOTIFY|LISTEN|UNLISTEN)\s+[\w""*]+",
        RegexOptions.IgnoreCase | RegexOptions.Multiline
    )]
    private static partial Regex Forbidden();
}
