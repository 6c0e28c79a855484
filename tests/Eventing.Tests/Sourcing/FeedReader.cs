using System.Net.Http.Headers;
using BackendGuide.Eventing.Consuming;

namespace BackendGuide.Eventing.Tests.Sourcing;

/// <summary>The consumer's own way to a source, pointed at any address.</summary>
internal static class FeedReader
{
    public static HttpSourceFeed Of(Uri address, string? token = null, HttpMessageHandler? handler = null, TimeSpan? limit = null) =>
        new(new Clients(address, token, handler), "things") { Limit = limit ?? TimeSpan.FromMinutes(1) };

    private sealed class Clients(Uri address, string? token, HttpMessageHandler? handler) : IHttpClientFactory
    {
        public HttpClient CreateClient(string name)
        {
            var client = handler is null ? new HttpClient() : new HttpClient(handler, disposeHandler: false);
            client.BaseAddress = address;
            client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
            return client;
        }
    }
}
