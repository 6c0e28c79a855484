using Microsoft.Extensions.Configuration;

namespace BackendGuide.AppHost;

/// <summary>What happens before either engine starts: the commands that need none, the data folder, its lock, keys and tokens.</summary>
internal sealed class Launch : IDisposable
{
    private static readonly TimeSpan EditorTokenLifetime = TimeSpan.FromDays(30);
    private readonly LocalFolder folder;
    private readonly FolderLock? folderLock;

    private Launch(LocalFolder folder, FolderLock? folderLock, string[] engineArguments)
    {
        this.folder = folder;
        this.folderLock = folderLock;
        EngineArguments = engineArguments;
    }

    /// <summary>Whether everything is done, and no engine is to start.</summary>
    public bool IsAnswered { get; private init; }

    public int ExitCode { get; private init; }

    public string[] EngineArguments { get; }

    public Passwords Passwords { get; private init; } = new("", "", "");

    public string PublicKey { get; private init; } = "";

    public Settings Settings { get; private init; } = Settings.Default;

    public static Task<Launch> PrepareAsync(string[] args)
    {
        var folder = LocalFolder.FromEnvironment();
        try
        {
            return Task.FromResult(Prepare(folder, args));
        }
        catch (LaunchException fault)
        {
            return Task.FromResult(Refuse(folder, fault));
        }
    }

    /// <summary>A container volume's name, of this data folder alone: the passwords in the folder and the data in the volume match.</summary>
    public string VolumeName(string resource) => $"backendguide-{folder.ShortHash}-{resource}";

    public void Dispose() => folderLock?.Dispose();

    private static Launch Prepare(LocalFolder folder, string[] args)
    {
        var configuration = new ConfigurationBuilder().AddEnvironmentVariables().AddCommandLine(args).Build();
        var settings = Settings.Read(configuration, Settings.ReadEnvironment());
        folder.Create();
        var folderLock = FolderLock.Take(folder);
        // Both engines hear where the data is by the same variable, whatever it was relative to.
        Environment.SetEnvironmentVariable(LocalFolder.Variable, folder.Path);
        using var identity = LocalIdentity.Open(folder, TimeProvider.System);
        LocalFolder.Write(folder.EditorToken, identity.CreateToken("editor", LocalIdentity.AllScopes, EditorTokenLifetime) + "\n");
        return new Launch(folder, folderLock, args)
        {
            Settings = settings,
            Passwords = Passwords.Open(folder, Engine.Current),
            PublicKey = identity.PublicKey,
        };
    }

    private static Launch Refuse(LocalFolder folder, LaunchException fault)
    {
        Console.Error.WriteLine($"BackendGuide cannot start: {fault.Message}");
        return new Launch(folder, null, []) { IsAnswered = true, ExitCode = 1 };
    }
}
