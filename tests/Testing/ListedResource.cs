using System.Text.Json;

namespace BackendGuide.Testing;

/// <summary>A process of a started system, as <c>resources.json</c> lists it.</summary>
/// <param name="Name">The resource's name; <c>content-0</c>, <c>content-1</c> … where there are several.</param>
/// <param name="Kind"><c>postgres</c>, <c>rabbitmq</c>, <c>redis</c> or <c>project</c>.</param>
/// <param name="Pid">The process's number now: another one after a restart.</param>
/// <param name="ConnectionString">How a client reaches a server; null for a project.</param>
public sealed record ListedResource(string Name, string Kind, int Pid, string? ConnectionString)
{
    /// <summary>RabbitMQ's management API; null for others.</summary>
    public Uri? ManagementUrl { get; init; }

    /// <summary>RabbitMQ's node, as its own tools call it; null for others.</summary>
    public string? NodeName { get; init; }

    /// <summary>The file with the node's cookie, in the folder that is the tools' HOME; null for others.</summary>
    public string? CookiePath { get; init; }

    /// <summary>The port of the node's port mapper; null for others.</summary>
    public int? EpmdPort { get; init; }

    /// <summary>Reads the list, which the system writes whole or not at all.</summary>
    public static async Task<IReadOnlyList<ListedResource>> ReadAsync(string dataFolder, CancellationToken cancellationToken)
    {
        await using var file = File.OpenRead(Path.Combine(dataFolder, "resources.json"));
        var list = await JsonSerializer.DeserializeAsync<List>(file, JsonSerializerOptions.Web, cancellationToken);
        return list!.Resources;
    }

    private sealed record List(IReadOnlyList<ListedResource> Resources);
}
