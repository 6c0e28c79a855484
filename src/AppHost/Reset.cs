using System.Diagnostics;

namespace BackendGuide.AppHost;

/// <summary>Removes what BackendGuide keeps. Only that: the data folder may be one that the user has other things in.</summary>
internal static class Reset
{
    // Where the native engine keeps PostgreSQL's data when its account cannot reach the data folder. It leaves the path in a file;
    // nothing outside of this folder is ever removed for what a file says.
    private const string Elsewhere = "/var/lib/backendguide/";

    private static readonly string[] Kept =
    [
        "native",
        "aspire",
        "logs",
        "resources.json",
        "editor-token",
        "signing-key.pem",
        "lock.pid",
        "lock",
    ];

    /// <returns>The exit code.</returns>
    /// <exception cref="LaunchException">An AppHost runs on the data, or nobody confirmed.</exception>
    public static int Run(LocalFolder folder, bool confirmed)
    {
        if (!Directory.Exists(folder.Path))
        {
            Console.WriteLine($"There is no data: {folder.Path} does not exist.");
            return 0;
        }
        using var folderLock = FolderLock.Take(folder);
        if (!confirmed && !Confirm(folder))
        {
            throw new LaunchException("nothing was removed. To remove the data without being asked: reset --yes.");
        }
        RemoveVolumes(folder);
        RemoveElsewhere(folder);
        foreach (var path in Kept.Select(name => folder.In(name)))
        {
            if (Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
            else
            {
                File.Delete(path);
            }
        }
        if (!Directory.EnumerateFileSystemEntries(folder.Path).Any())
        {
            Directory.Delete(folder.Path);
        }
        Console.WriteLine($"The data in {folder.Path} was removed.");
        return 0;
    }

    private static bool Confirm(LocalFolder folder)
    {
        if (Console.IsInputRedirected)
        {
            return false;
        }
        Console.Write($"Remove all data of BackendGuide in {folder.Path}? Guides, careers and events are lost. [y/N] ");
        return Console.ReadLine()?.Trim() is "y" or "Y" or "yes";
    }

    private static void RemoveElsewhere(LocalFolder folder)
    {
        var pointer = folder.In(Engine.Native, "postgres", "elsewhere");
        if (File.Exists(pointer) && Path.GetFullPath(File.ReadAllText(pointer).Trim()) is var path)
        {
            if (path.StartsWith(Elsewhere, StringComparison.Ordinal) && Directory.Exists(path))
            {
                Directory.Delete(path, recursive: true);
            }
        }
    }

    private static void RemoveVolumes(LocalFolder folder)
    {
        if (!File.Exists(folder.In(Engine.Aspire, "passwords.json")))
        {
            return;
        }
        string[] volumes = [folder.VolumeName("postgres"), folder.VolumeName("messaging")];
        try
        {
            using var docker = Process.Start(
                new ProcessStartInfo("docker", ["volume", "rm", "--force", .. volumes]) { RedirectStandardOutput = true }
            );
            docker!.WaitForExit();
            if (docker.ExitCode == 0)
            {
                return;
            }
        }
        catch (System.ComponentModel.Win32Exception)
        {
            Console.WriteLine("There is no docker command here.");
        }
        Console.WriteLine($"Remove the containers' data, too: docker volume rm {string.Join(' ', volumes)}");
    }
}
