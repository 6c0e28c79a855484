namespace BackendGuide.NativeHosting.Servers;

/// <summary>Sees that the servers are there, and installs what is missing where it may.</summary>
internal static class ServerInstaller
{
    /// <param name="wanted">The servers that are needed.</param>
    /// <param name="policy">The value of BACKENDGUIDE_INSTALL: <c>never</c> forbids to install.</param>
    /// <param name="say">Told what is installed, before and meanwhile.</param>
    /// <param name="cancellationToken">Ends an installation in order.</param>
    /// <exception cref="NativeHostingException">One is missing and could not be installed; the message has the commands.</exception>
    public static async Task EnsureAsync(
        IEnumerable<ServerPackage> wanted,
        string? policy,
        Action<string> say,
        CancellationToken cancellationToken
    )
    {
        await AptInstall.WaitForOthersAsync(AptInstall.DefaultLockFile, cancellationToken);
        var missing = wanted.Distinct().Where(package => !package.IsThere()).ToList();
        if (missing.Count == 0)
        {
            return;
        }
        var names = string.Join(", ", missing.Select(package => package.Name));
        var mayInstall = !string.Equals(policy, "never", StringComparison.OrdinalIgnoreCase);
        var apt = mayInstall ? await AptInstall.FindAsync(cancellationToken) : null;
        if (apt is null)
        {
            throw new NativeHostingException(
                $"{names}: not found on this machine, and {(mayInstall ? "it cannot be installed from here" : "BACKENDGUIDE_INSTALL=never")}. "
                    + $"Install with one of:\n{ServerPackage.Commands(missing)}"
            );
        }

        say($"{names}: not found on this machine. Installing with apt (BACKENDGUIDE_INSTALL=never forbids it).");
        await apt.InstallAsync([.. missing.Select(package => package.Apt)], say, cancellationToken);
        if (missing.Find(package => !package.IsThere()) is { } still)
        {
            throw new NativeHostingException(
                $"{still.Name} was installed but is still not found. Install it by hand with one of:\n{ServerPackage.Commands([still])}"
            );
        }
    }
}
