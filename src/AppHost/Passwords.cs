using System.Security.Cryptography;
using System.Text.Json;

namespace BackendGuide.AppHost;

/// <summary>The servers' passwords: made once for each engine, and kept as long as the data that they open.</summary>
internal sealed record Passwords(string Postgres, string Messaging, string Cache)
{
    // Letters and digits alone: they go into connection strings of three kinds, and into a container's command line.
    private const string Characters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
    private const int Length = 24;

    public static Passwords Open(LocalFolder folder, string engine)
    {
        var path = folder.In(engine, "passwords.json");
        if (File.Exists(path))
        {
            return Read(path) ?? throw new LaunchException($"{path} cannot be read. Remove the data with `reset`, or put the file back.");
        }
        var made = new Passwords(Make(), Make(), Make());
        LocalFolder.Write(path, JsonSerializer.Serialize(made));
        return made;
    }

    private static Passwords? Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<Passwords>(File.ReadAllText(path));
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string Make() => RandomNumberGenerator.GetString(Characters, Length);
}
