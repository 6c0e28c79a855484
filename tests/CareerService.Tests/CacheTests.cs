using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace BackendGuide.CareerService.Tests;

[Collection(CareerServiceCollection.Name)]
public sealed class CacheTests(CareerServiceFixture career)
{
    // Nothing listens there.
    private const string NoRedis = "127.0.0.1:1,abortConnect=false";

    [Theory]
    [InlineData("")]
    [InlineData("/learning-path")]
    public async Task Read_FromTheCache_IsTheSameToTheByteAsWithoutOne(string part)
    {
        var slug = career.NewSlug();
        await career.PutAsync(slug, Bodies.Whole());
        var path = $"/api/v1/careers/{slug}{part}";
        await using var withoutCache = career.StartInstance(redis: NoRedis);
        using var reads = new CacheReads(career.Service.Services);

        var miss = await ReadAsync(career.Reader, path);
        var hit = await ReadAsync(career.Reader, path);
        var uncached = await ReadAsync(withoutCache.CreateClient(), path);

        Assert.Equal(["miss", "hit"], reads.Results);
        Assert.Equal(miss, hit);
        Assert.Equal(uncached, hit);
    }

    [Fact]
    public async Task Write_WithRedisAway_IsReadAtOnceAndHealthSaysDegraded()
    {
        var slug = career.NewSlug();
        await using var withoutCache = career.StartInstance(redis: NoRedis);
        using var client = withoutCache.CreateClient();
        await career.PutAsync(slug, Bodies.Whole());

        using var answer = await client.GetAsync($"/api/v1/careers/{slug}", TestContext.Current.CancellationToken);
        var health = await client.GetJsonAsync("/health");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("Degraded", health.GetProperty("checks").GetProperty("redis").Text("status"));
    }

    private static async Task<string> ReadAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
        var body = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return $"{answer.Headers.ETag} {answer.Content.Headers.LastModified:O} {answer.Content.Headers.ContentType}\n{body}";
    }

    /// <summary>How the reads of one instance went.</summary>
    private sealed class CacheReads : IDisposable
    {
        private readonly MeterListener _listener = new();

        public CacheReads(IServiceProvider instance)
        {
            var meters = instance.GetRequiredService<IMeterFactory>();
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == "backendguide.cache.reads" && ReferenceEquals(instrument.Meter.Scope, meters))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>(
                (_, _, tags, _) =>
                {
                    foreach (var tag in tags)
                    {
                        Results.Enqueue((string)tag.Value!);
                    }
                }
            );
            _listener.Start();
        }

        public ConcurrentQueue<string> Results { get; } = new();

        public void Dispose() => _listener.Dispose();
    }
}
