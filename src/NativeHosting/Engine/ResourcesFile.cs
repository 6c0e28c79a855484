using System.Text.Json;
using BackendGuide.NativeHosting.Servers;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>resources.json: what runs and how to reach it, for tools and tests; secrets in it, so mode 600.</summary>
internal sealed class ResourcesFile(string path)
{
    private static readonly JsonSerializerOptions Format = new(JsonSerializerDefaults.Web)
    {
        WriteIndented = true,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };
    private readonly Lock gate = new();

    public void Write(IEnumerable<ISupervised> parts)
    {
        lock (gate)
        {
            Folders.WritePrivate(path, JsonSerializer.Serialize(new { resources = parts.Select(Entry) }, Format));
        }
    }

    /// <returns>Why it could not be written; null when it was.</returns>
    public string? TryWrite(IEnumerable<ISupervised> parts)
    {
        try
        {
            Write(parts);
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return fault.Message;
        }
    }

    public void Delete() => File.Delete(path);

    private static Dictionary<string, object?> Entry(ISupervised part)
    {
        var entry = new Dictionary<string, object?>
        {
            ["name"] = part.Name,
            ["kind"] = part.Kind,
            ["pid"] = part.ProcessId,
            ["urls"] = part.Urls,
            ["connectionString"] = part.ConnectionString,
        };
        if (part is RabbitMqServer broker)
        {
            entry["nodeName"] = broker.NodeName;
            entry["cookiePath"] = broker.CookiePath;
            entry["epmdPort"] = broker.EpmdPort;
            entry["managementUrl"] = broker.ManagementUrl.ToString();
        }
        return entry;
    }
}
