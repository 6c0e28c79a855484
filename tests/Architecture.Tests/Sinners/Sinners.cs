using MassTransit;

namespace BackendGuide.Architecture.Tests.Sinners;

/// <summary>Publishes in a request.</summary>
internal sealed class Publishing(IPublishEndpoint bus)
{
    public Task HandleAsync() => bus.Publish(new object());
}

/// <summary>Sends in a request, where only the body of an async method shows it.</summary>
internal static class Sending
{
    public static async Task HandleAsync(object endpoint) => await ((ISendEndpoint)endpoint).Send(new object());
}

/// <summary>Asks another service.</summary>
internal static class Calling
{
    public static async Task<string> AskAsync()
    {
        using var client = new HttpClient();
        return await client.GetStringAsync(new Uri("http://career/api/v1/careers"));
    }
}

/// <summary>Looks into another service's table, and wakes it up.</summary>
internal static class Peeping
{
    public const string Sql = "SELECT c.state FROM guide g JOIN career c ON c.slug = g.slug";

    public static string Notice(string channel) => $"NOTIFY {channel}";

    public static string Look() => Sql;

    public static string Wake() => "SELECT pg_notify('career', '')";
}
