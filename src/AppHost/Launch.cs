using Microsoft.Extensions.Configuration;

namespace BackendGuide.AppHost;

/// <summary>What happens before either engine starts: the commands that need none, the data folder, its lock, keys and tokens.</summary>
internal sealed class Launch : IDisposable
{
    private static readonly TimeSpan EditorTokenLifetime = TimeSpan.FromDays(30);
    private static readonly TimeSpan InternalTokenLifetime = TimeSpan.FromDays(3650);
    private readonly LocalFolder folder;
    private readonly FolderLock? folderLock;

    private Launch(LocalFolder folder, FolderLock? folderLock)
    {
        this.folder = folder;
        this.folderLock = folderLock;
    }

    /// <summary>Whether everything is done, and no engine is to start.</summary>
    public bool IsAnswered { get; private init; }

    public int ExitCode { get; private init; }

    public string[] EngineArguments { get; private init; } = [];

    public Passwords Passwords { get; private init; } = new("", "", "");

    public string PublicKey { get; private init; } = "";

    /// <summary>What services show to each other; made anew at each start.</summary>
    public string InternalToken { get; private init; } = "";

    public Settings Settings { get; private init; } = Settings.Default;

    public static async Task<Launch> PrepareAsync(string[] args)
    {
        var folder = LocalFolder.FromEnvironment();
        try
        {
            return CommandLine.Parse(args, Environment.GetEnvironmentVariable(CommandLine.EngineVariable)) switch
            {
                CommandLine.Help => Print(folder, CommandLine.HelpText),
                CommandLine.Token token => Print(folder, CreateToken(folder, token)),
                CommandLine.Reset reset => Answered(folder, Reset.Run(folder, reset.Confirmed)),
                CommandLine.Run run => await PrepareRunAsync(folder, run),
                var other => throw new InvalidOperationException($"{other} is no command."),
            };
        }
        catch (Exception fault) when (fault is LaunchException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync($"BackendGuide: {fault.Message}");
            return Answered(folder, exitCode: 1);
        }
    }

    /// <inheritdoc cref="LocalFolder.VolumeName"/>
    public string VolumeName(string resource) => folder.VolumeName(resource);

    public void Dispose() => folderLock?.Dispose();

    private static async Task<Launch> PrepareRunAsync(LocalFolder folder, CommandLine.Run run)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(run.EngineArguments).Build();
        var settings = Settings.Read(configuration, Settings.ReadEnvironment());
        folder.Create();
        // Both engines hear where the data is by the same variable, whatever it was relative to.
        Environment.SetEnvironmentVariable(LocalFolder.Variable, folder.Path);
        if (await HandOverAsync(folder, run) is { } exitCode)
        {
            return Answered(folder, exitCode);
        }

        // Publishing writes a manifest, runs nothing, and may go on beside what runs.
        var folderLock = IsPublishing(run.EngineArguments) ? null : FolderLock.Take(folder);
        using var identity = LocalIdentity.Open(folder, TimeProvider.System);
        if (folderLock is not null)
        {
            LocalFolder.Write(folder.EditorToken, identity.CreateToken("editor", LocalIdentity.AllScopes, EditorTokenLifetime) + "\n");
        }
        return new Launch(folder, folderLock)
        {
            EngineArguments = run.EngineArguments,
            Settings = settings,
            Passwords = Passwords.Open(folder, Engine.Current),
            PublicKey = identity.PublicKey,
            InternalToken = identity.CreateToken("services", scope: "", InternalTokenLifetime, audience: LocalIdentity.InternalAudience),
        };
    }

    /// <returns>The exit code of the other engine, where it ran; null where this build's engine is the one to run.</returns>
    private static async Task<int?> HandOverAsync(LocalFolder folder, CommandLine.Run run)
    {
        if (Engine.Current == Engine.Aspire)
        {
            return run.Engine == Engine.Native
                ? throw new LaunchException("this is the Aspire build; for the native engine run it without -p:UseAspire=true.")
                : null;
        }
        var publishing = IsPublishing(run.EngineArguments);
        var handover = new Handover(folder, Console.WriteLine, Settings.ReadEnvironment());
        // What runs on the data already is not disturbed.
        using (publishing ? null : FolderLock.Take(folder))
        {
            // To publish takes Aspire, but no container engine.
            switch (publishing && run.Engine == Engine.Auto ? Engine.Aspire : run.Engine)
            {
                case Engine.Auto when await handover.IsPossibleAsync(CancellationToken.None):
                    break;
                case Engine.Aspire when await handover.TryPrepareAsync(CancellationToken.None) is { } reason:
                    throw new LaunchException(reason);
                case Engine.Aspire:
                    break;
                default:
                    return publishing ? throw new LaunchException("only Aspire can publish: use --engine aspire.") : null;
            }
        }
        return handover.Become(run.EngineArguments);
    }

    // "--publisher manifest" and "--operation publish", in either way of writing them.
    private static bool IsPublishing(string[] engineArguments) =>
        engineArguments.Any(argument =>
            argument is "--publisher" or "publish" or "--operation=publish" || argument.StartsWith("--publisher=", StringComparison.Ordinal)
        );

    private static string CreateToken(LocalFolder folder, CommandLine.Token token)
    {
        folder.Create();
        using var identity = LocalIdentity.Open(folder, TimeProvider.System);
        return identity.CreateToken(token.Subject, token.Scope, token.Lifetime, token.Issuer, token.Audience);
    }

    private static Launch Print(LocalFolder folder, string text)
    {
        Console.WriteLine(text);
        return Answered(folder, exitCode: 0);
    }

    private static Launch Answered(LocalFolder folder, int exitCode) => new(folder, null) { IsAnswered = true, ExitCode = exitCode };
}
