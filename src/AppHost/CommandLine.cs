using System.Globalization;

namespace BackendGuide.AppHost;

/// <summary>What the user wants of the AppHost. What is not the AppHost's own reaches the engine unchanged, in its order.</summary>
internal abstract record CommandLine
{
    public const string EngineVariable = "BACKENDGUIDE_ENGINE";

    public const string HelpText = """
        BackendGuide: the whole system, started by one command.

        dotnet run --project src/AppHost [-- <command or options>]

          (nothing)                   start everything; Ctrl-C stops it
          --engine auto|native|aspire what to run it on: this machine's own servers (native), containers (aspire), or
                                      containers where an engine answers and Aspire's packages can be had (auto, the default)
          token                       print a token that the services take
            --scope "<scopes>"        default: content:write career:write ops
            --sub <name>              default: editor
            --expires <n>s|m|h|d      default: 1h
            --issuer, --audience      defaults: backendguide-local, backendguide
          reset [--yes]               remove the data, after asking
          --help                      this text

        Anything else reaches the engine unchanged.

        Environment:
          Gateway__Port               the port to open (8080); more gateways take the next ones
          BACKENDGUIDE_DATA           the data folder (.local at the root of the repository)
          BACKENDGUIDE_ENGINE         as --engine
          BACKENDGUIDE_INSTALL=never  never install a missing server
          Replicas__content, Replicas__career, Replicas__gateway
                                      how many of each (1)
          Gateway__*, Content__*, Career__*
                                      reach that service unchanged
        """;

    private CommandLine() { }

    internal sealed record Help : CommandLine;

    internal sealed record Reset(bool Confirmed) : CommandLine;

    internal sealed record Token(string Scope, string Subject, TimeSpan Lifetime, string Issuer, string Audience) : CommandLine;

    internal sealed record Run(string Engine, string[] EngineArguments) : CommandLine;

    /// <param name="args">The AppHost's arguments.</param>
    /// <param name="defaultEngine">The engine where no argument names one; null or empty: auto.</param>
    /// <exception cref="LaunchException">An option of the AppHost's own is wrong.</exception>
    public static CommandLine Parse(string[] args, string? defaultEngine) =>
        args switch
        {
            _ when args.Contains("--help") || args.Contains("-h") => new Help(),
            ["token", .. var options] => ParseToken(options),
            ["reset"] => new Reset(Confirmed: false),
            ["reset", "--yes"] => new Reset(Confirmed: true),
            ["reset", ..] => throw new LaunchException("reset takes no option but --yes."),
            _ => ParseRun(args, string.IsNullOrEmpty(defaultEngine) ? Engine.Auto : defaultEngine),
        };

    private static Run ParseRun(string[] args, string engine)
    {
        var rest = new List<string>();
        for (var index = 0; index < args.Length; index++)
        {
            if (args[index] == "--engine")
            {
                engine = index + 1 < args.Length ? args[++index] : "";
            }
            else if (args[index].StartsWith("--engine=", StringComparison.Ordinal))
            {
                engine = args[index]["--engine=".Length..];
            }
            else
            {
                rest.Add(args[index]);
            }
        }
        return engine is Engine.Auto or Engine.Native or Engine.Aspire
            ? new Run(engine, [.. rest])
            : throw new LaunchException($"there is no engine \"{engine}\"; --engine and {EngineVariable} take auto, native or aspire.");
    }

    private static Token ParseToken(string[] options)
    {
        var token = new Token(LocalIdentity.AllScopes, "editor", TimeSpan.FromHours(1), LocalIdentity.Issuer, LocalIdentity.Audience);
        for (var index = 0; index < options.Length; index += 2)
        {
            if (index + 1 == options.Length)
            {
                throw new LaunchException($"{options[index]} needs a value.");
            }
            var value = options[index + 1];
            token = options[index] switch
            {
                "--scope" => token with { Scope = value },
                "--sub" => token with { Subject = value },
                "--expires" => token with { Lifetime = ParseLifetime(value) },
                "--issuer" => token with { Issuer = value },
                "--audience" => token with { Audience = value },
                var unknown => throw new LaunchException(
                    $"token has no option {unknown}; it has --scope, --sub, --expires, --issuer and --audience."
                ),
            };
        }
        return token;
    }

    private static TimeSpan ParseLifetime(string text)
    {
        if (text.Length > 1 && int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0)
        {
            switch (text[^1])
            {
                case 's':
                    return TimeSpan.FromSeconds(number);
                case 'm':
                    return TimeSpan.FromMinutes(number);
                case 'h':
                    return TimeSpan.FromHours(number);
                case 'd' when number <= 36_500:
                    return TimeSpan.FromDays(number);
            }
        }
        throw new LaunchException($"--expires is \"{text}\", but must be like 90s, 15m, 1h or 30d.");
    }
}
