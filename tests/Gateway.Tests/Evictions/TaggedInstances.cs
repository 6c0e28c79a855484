using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Evictions;

/// <summary>The gateway before two instances of content, which say of each answer where it was read and what it was made of.</summary>
internal sealed class TaggedInstances : IAsyncDisposable
{
    public const string Path = "/api/v1/guides/a";

    private (string Method, string Target, string? NotBefore) _last;

    public required Backend One { get; init; }

    public required Backend Two { get; init; }

    public required Backend Career { get; init; }

    public required TestGateway Gateway { get; init; }

    public required Guid Epoch { get; init; }

    /// <summary>Where what they answer was read.</summary>
    public long Position { get; set; } = 5;

    /// <summary>What they answer is made of.</summary>
    public string Tags { get; set; } = "guide:a technology:python";

    public static async Task<TaggedInstances> StartAsync(string? broker = null)
    {
        var (one, two, career) = (await Backend.StartAsync(), await Backend.StartAsync(), await Backend.StartAsync());
        var epoch = Guid.NewGuid();
        one.Positions = two.Positions = career.Positions = ChangeCursor.Start.With(EventSources.Content, new FeedPosition(epoch, 5));
        var settings = new Dictionary<string, string?>();
        if (broker is not null)
        {
            settings["ConnectionStrings:messaging"] = broker;
        }
        var started = new TaggedInstances
        {
            Epoch = epoch,
            One = one,
            Two = two,
            Career = career,
            Gateway = TestGateway.Start([one.Address, two.Address], [career.Address], settings),
        };
        started.Gateway.PassEveryRequest();
        one.Answer = two.Answer = context =>
        {
            var request = context.Request;
            var told = request.Headers.TryGetValue(AnswerHeaders.NotBefore, out var text) ? text.ToString() : null;
            started._last = (request.Method, request.Path + request.QueryString, told);
            var at = started.At(started.Position);
            context.Response.Headers[AnswerHeaders.Applied] = AnswerHeaders.Format(at, at);
            context.Response.Headers[AnswerHeaders.SurrogateKey] = started.Tags;
            if (request.Method == "PUT")
            {
                context.Response.Headers[ChangeCursorExtensions.ChangeCursorHeader] = at.ToString();
            }
            return Task.CompletedTask;
        };
        // It asks where they are as soon as it runs, whether or not there is a broker.
        await Eventually.TrueAsync(
            () => Task.FromResult(!started.Gateway.Get<EvictionLedger>().Reached("content").Equals(ChangeCursor.Start)),
            TimeSpan.FromSeconds(30),
            "positions",
            TestContext.Current.CancellationToken
        );
        return started;
    }

    public ChangeCursor At(long position) => ChangeCursor.Start.With(EventSources.Content, new FeedPosition(Epoch, position));

    /// <summary>What the listener does with an announcement.</summary>
    public void Hear(long position, params string[] tags) =>
        Gateway.Get<EvictionLedger>().Take(new Eviction("content", EventSources.Content, Epoch, position, position, tags, []));

    /// <summary>What the listener does when it begins to hear.</summary>
    public void BeginAt(long position) => Gateway.Get<EvictionLedger>().Begin("content", At(position));

    /// <summary>Reads, and gives what the service was told that its answer must not be older than: null for nothing.</summary>
    public async Task<long?> ReadAsync(string path = Path, string method = "GET")
    {
        using var answer = await Gateway.SendAsync(method, path);
        Assert.Equal(200, (int)answer.StatusCode);
        return Told(path, method);
    }

    public async Task PutAsync()
    {
        using var body = new StringContent("{}", null, "application/json");
        using var answer = await Gateway.SendAsync("PUT", Path, Scopes.ContentWrite, body);
        Assert.Equal(200, (int)answer.StatusCode);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await One.DisposeAsync();
        await Two.DisposeAsync();
        await Career.DisposeAsync();
    }

    private long? Told(string path, string method)
    {
        var (asked, target, text) = _last;
        Assert.Equal((method, path), (asked, target));
        return text is null ? null
            : ChangeCursor.TryParse(text, out var cursor) ? cursor.Of(EventSources.Content)!.Value.Position
            : -1;
    }
}
