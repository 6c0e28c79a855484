using System.Collections.Concurrent;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Caching;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using ZstdSharp;

namespace BackendGuide.Gateway.Tests.Caching;

/// <summary>The gateway before a content service that answers as the real one does: with what its answers are made of, and where they were read.</summary>
internal sealed class KeptContent : IAsyncDisposable
{
    public const string Guide = "/api/v1/guides/a";

    private readonly Guid _epoch = Guid.NewGuid();

    public required Backend Service { get; init; }

    public required TestGateway Gateway { get; init; }

    /// <summary>What it answers with, and when that was read.</summary>
    public string Body { get; set; } = """{"slug":"a","title":"As it was"}""";

    public string Tags { get; set; } = "guide:a technology:python";

    public long Position { get; set; } = 5;

    /// <summary>Up to where it shows something, where that is behind a hole.</summary>
    public long? Seen { get; set; }

    /// <summary>Where its copy of what careers publish is; null where it says nothing of that.</summary>
    public long? Copied { get; set; }

    public int Status { get; set; } = 200;

    /// <summary>The status for a target, where that is another one than of all.</summary>
    public Func<string, int?>? StatusOf { get; set; }

    /// <summary>Seconds.</summary>
    public int Age { get; set; }

    /// <summary>Headers that it sends besides.</summary>
    public ConcurrentDictionary<string, string> Headers { get; } = new();

    /// <summary>What it waits for before it answers.</summary>
    public Func<Task>? Before { get; set; }

    public int Asked => Service.Requests.Count;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <param name="settings">Of the gateway, besides its own.</param>
    /// <param name="time">The gateway's clock.</param>
    /// <param name="isCareerToo">True where it answers for careers as well, as any service would.</param>
    public static async Task<KeptContent> StartAsync(
        IReadOnlyDictionary<string, string?>? settings = null,
        TimeProvider? time = null,
        bool isCareerToo = false
    )
    {
        var service = await Backend.StartAsync();
        service.Positions = ChangeCursor.Start; // what the gateway hears, and from where on, is the test's to say
        string[] career = isCareerToo ? [service.Address] : [];
        var content = new KeptContent { Service = service, Gateway = TestGateway.Start([service.Address], career, settings, time) };
        service.Answer = content.AnswerAsync;
        var ledger = content.Gateway.Get<EvictionLedger>();
        ledger.Begin("content", content.At(0));
        ledger.Listen("content");
        return content;
    }

    public ChangeCursor At(long position) => ChangeCursor.Start.With(EventSources.Content, new FeedPosition(_epoch, position));

    public ChangeCursor At(long position, long? copied) =>
        copied is { } there ? At(position).With(EventSources.Career, new FeedPosition(_epoch, there)) : At(position);

    /// <summary>What the listener does with an announcement of the copy.</summary>
    public void HearCopied(long position, params string[] tags) =>
        Gateway.Get<EvictionLedger>().Take(new Eviction("content", EventSources.Career, _epoch, position, position, tags, []));

    /// <summary>What the listener does with an announcement.</summary>
    public void Hear(long position, params string[] tags) =>
        Gateway.Get<EvictionLedger>().Take(new Eviction("content", EventSources.Content, _epoch, position, position, tags, []));

    /// <summary>Changes the guide; what is announced of it is another matter.</summary>
    public void Change(long position, string body) => (Position, Body) = (position, body);

    public Task<KeptAnswer> ReadAsync(string path = Guide, params (string Name, string Value)[] headers) => SendAsync("GET", path, headers);

    public async Task<KeptAnswer> SendAsync(string method, string path, params (string Name, string Value)[] headers)
    {
        using var request = Gateway.Request(method, path);
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }
        using var answer = await Gateway.Client.SendAsync(request, Token);
        var all = answer
            .Headers.Concat(answer.Content.Headers)
            .ToDictionary(header => header.Key, header => string.Join(", ", header.Value));
        return new KeptAnswer(answer.StatusCode, await answer.Content.ReadAsByteArrayAsync(Token), all);
    }

    public async ValueTask DisposeAsync()
    {
        await Gateway.DisposeAsync();
        await Service.DisposeAsync();
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var (status, body, position, tags, age) = (StatusOf?.Invoke(context.Request.Path.Value!) ?? Status, Body, Position, Tags, Age); // read; what comes now is later
        var (since, seen) = (At(position, Copied), At(Seen ?? position, Copied));
        await (Before?.Invoke() ?? Task.CompletedTask);
        var response = context.Response;
        response.StatusCode = status;
        response.Headers[AnswerHeaders.Applied] = AnswerHeaders.Format(since, since, seen);
        response.Headers[AnswerHeaders.SurrogateKey] = tags;
        response.Headers.Age = age.ToString(CultureInfo.InvariantCulture);
        response.Headers.CacheControl = "public, no-cache";
        response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{position}-ofthesebytes\"");
        response.Headers.Vary = "Accept, Accept-Encoding";
        response.ContentType = status == 200 ? "application/json" : "application/problem+json";
        foreach (var (name, value) in Headers)
        {
            response.Headers[name] = value;
        }
        await response.WriteAsync(body, context.RequestAborted);
    }
}

internal sealed record KeptAnswer(HttpStatusCode Status, byte[] Bytes, IReadOnlyDictionary<string, string> Headers)
{
    public string Body => Encoding.UTF8.GetString(Bytes);

    /// <summary>What it says, in whatever coding it came.</summary>
    public string Text
    {
        get
        {
            using Stream bytes = Headers.GetValueOrDefault("Content-Encoding") switch
            {
                "br" => new BrotliStream(new MemoryStream(Bytes), CompressionMode.Decompress),
                "zstd" => new DecompressionStream(new MemoryStream(Bytes)),
                "gzip" => new GZipStream(new MemoryStream(Bytes), CompressionMode.Decompress),
                _ => new MemoryStream(Bytes),
            };
            using var text = new StreamReader(bytes, Encoding.UTF8);
            return text.ReadToEnd();
        }
    }

    public string? Source => Headers.GetValueOrDefault(AnswerWriter.CacheStatusHeader);

    public bool IsHit => Source == "backendguide; hit";
}
