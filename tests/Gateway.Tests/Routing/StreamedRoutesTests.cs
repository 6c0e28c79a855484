using System.IO.Compression;
using System.Net;
using System.Text;
using System.Text.Json;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ZstdSharp;

namespace BackendGuide.Gateway.Tests.Routing;

/// <summary>Imports and exports on their way through the gateway.</summary>
public sealed class StreamedRoutesTests : IAsyncLifetime
{
    private const string Import = "/api/v1/imports/guides";
    private const string Export = "/api/v1/exports/guides";

    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(1);

    private Backend _content = null!;
    private Backend _career = null!;
    private TestGateway _gateway = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _content = await Backend.StartAsync();
        _career = await Backend.StartAsync();
        _gateway = TestGateway.Start([_content.Address], [_career.Address]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _content.DisposeAsync();
        await _career.DisposeAsync();
    }

    [Fact]
    public async Task Import_LineByLine_IsAnsweredWhileItIsSent()
    {
        _content.AnswerStream = EchoAsync;
        await using var import = await OpenAsync(Import + "?locale=de");

        foreach (var line in (string[])["one", "zwei", "тре"])
        {
            await import.SendAsync(line + "\n", Token);
            Assert.Equal(line, await import.ReadLineAsync(Token));
        }
        await import.EndAsync(Token);

        Assert.Null(await import.ReadLineAsync(Token));
        Assert.Equal("application/x-ndjson", import.Headers["Content-Type"]);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Import_LargerThanAnyOtherBody_ReachesTheServiceWholeAndWithWhatItNeeds(bool chunked)
    {
        var (seen, length) = (new Dictionary<string, string>(), 0L);
        _content.AnswerStream = async context =>
        {
            Assert.Equal(("POST", Import + "?locale=de"), (context.Request.Method, context.Request.Path + context.Request.QueryString));
            seen = context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString());
            context.Features.GetRequiredFeature<IHttpMaxRequestBodySizeFeature>().MaxRequestBodySize = null;
            var buffer = new byte[64 * 1024];
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
            {
                length += read;
            }
            await context.Response.WriteAsync("{\"line\":1}\n", context.RequestAborted);
        };
        using var request = _gateway.Request("POST", Import + "?locale=de", Scopes.ContentWrite);
        request.Content = new ByteArrayContent(new byte[40_000_000]) { Headers = { ContentType = new(MediaTypes.JsonLines) } };
        request.Headers.TransferEncodingChunked = chunked;
        request.Headers.ExpectContinue = true;
        request.Headers.Add("X-HTTP-Method-Override", "DELETE");

        using var answer = await _gateway.Client.SendAsync(request, Token);

        Assert.Equal("{\"line\":1}\n", await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal(40_000_000, length);
        Assert.Equal(request.Headers.Authorization!.ToString(), seen["Authorization"]);
        Assert.Equal(MediaTypes.JsonLines, seen["Content-Type"]);
        Assert.Equal(new Uri(_content.Address).Authority, seen["Host"]);
        Assert.Contains("traceparent", seen.Keys);
        Assert.Contains("X-Forwarded-For", seen.Keys);
        Assert.DoesNotContain("X-HTTP-Method-Override", seen.Keys);
    }

    [Fact]
    public async Task Export_CutOffBeforeAnythingWentOut_IsWholeByAnotherTry()
    {
        await using var other = await Backend.StartAsync();
        await using var gateway = TestGateway.Start([_content.Address, other.Address], [_career.Address]);
        var tries = 0;
        (_content.AnswerStream, other.AnswerStream) = (AnswerAsync, AnswerAsync);
        using var request = gateway.Request("GET", Export);
        request.Headers.Add("Accept-Encoding", "zstd"); // which gives nothing out before it has a block

        using var answer = await gateway.Client.SendAsync(request, Token);

        Assert.Equal((HttpStatusCode.OK, "zstd", 2), (answer.StatusCode, answer.Content.Headers.ContentEncoding.Single(), tries));
        await using var body = new DecompressionStream(await answer.Content.ReadAsStreamAsync(Token));
        using var text = new StreamReader(body);
        Assert.Equal("{\"of\":2}\n", await text.ReadToEndAsync(Token));

        async Task AnswerAsync(HttpContext context)
        {
            var number = Interlocked.Increment(ref tries);
            context.Response.ContentType = MediaTypes.JsonLines;
            await context.Response.WriteAsync($"{{\"of\":{number}}}\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            if (number == 1)
            {
                await Task.Delay(TimeSpan.FromMilliseconds(200), context.RequestAborted); // so that the gateway has it
                context.Abort();
            }
        }
    }

    [Fact]
    public async Task Import_WithoutABody_IsAnsweredByTheService()
    {
        _content.AnswerStream = context =>
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            Assert.Equal(0, context.Request.ContentLength);
            return Task.CompletedTask;
        };

        using var answer = await _gateway.SendAsync("POST", Import, Scopes.ContentWrite);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }

    [Fact]
    public async Task Import_WhoseAnswerNobodyReads_IsStillReadByTheService()
    {
        var length = 0L;
        _content.AnswerStream = async context =>
        {
            var answering = context.Response.Body.WriteAsync(new byte[32 * 1024 * 1024], context.RequestAborted); // more than the way there takes
            var buffer = new byte[64 * 1024];
            while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
            {
                Interlocked.Add(ref length, read);
            }
            await answering;
        };
        await using var import = await OpenAsync(Import, receiveBuffer: 4 * 1024);

        for (var n = 0; n < 200; n++)
        {
            await import.SendAsync(new byte[4_000], Token);
        }
        await import.EndAsync(Token);

        await Eventually.EqualAsync(800_000L, () => Task.FromResult(Interlocked.Read(ref length)), s_deadline, "the whole body", Token);
    }

    [Fact]
    public async Task Import_CutOffByTheClient_IsCutOffAtTheService()
    {
        var ended = new TaskCompletionSource<Exception?>(TaskCreationOptions.RunContinuationsAsynchronously);
        _content.AnswerStream = async context =>
        {
            try
            {
                await EchoAsync(context);
                ended.SetResult(null);
            }
            catch (Exception e)
            {
                ended.SetResult(e);
            }
        };
        await using (var import = await OpenAsync(Import))
        {
            await import.SendAsync("one\nhalf", Token);
            Assert.Equal("one", await import.ReadLineAsync(Token));
            import.Cut();
        }

        Assert.NotNull(await ended.Task.WaitAsync(s_deadline, Token));
    }

    [Fact]
    public async Task Import_CutOffByTheService_IsCutOffForTheClient()
    {
        _content.AnswerStream = async context =>
        {
            await context.Response.WriteAsync("one\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
            await context.Request.Body.ReadExactlyAsync(new byte[1], context.RequestAborted);
            context.Abort();
        };
        await using var import = await OpenAsync(Import);
        Assert.Equal("one", await import.ReadLineAsync(Token));
        await import.SendAsync("more", Token);

        await Assert.ThrowsAsync<IOException>(() => import.ReadLineAsync(Token));
    }

    [Fact]
    public async Task Import_RefusedAtItsBeginning_IsToldSoWhateverElseIsSent()
    {
        _content.AnswerStream = context => Problems.UnsupportedMediaType("Not this.").ExecuteAsync(context);
        await using var import = await OpenAsync(Import);
        await import.SendAsync("some of it", Token);

        Assert.Equal(415, await import.ReadStatusAsync(Token));
        Assert.Equal("application/problem+json", import.Headers["Content-Type"]);
    }

    [Fact]
    public async Task Import_WithNobodyThere_Is503AndWithoutATokenAsksNobody()
    {
        await _content.DisposeAsync();
        await using var import = await OpenAsync(Import);
        Assert.Equal(503, await import.ReadStatusAsync(Token));
        Assert.Equal("1", import.Headers["Retry-After"]);

        using var anonymous = await _gateway.SendAsync("POST", Import);
        using var other = await _gateway.SendAsync("POST", Import, Scopes.CareerWrite);
        await ProblemShape.ExpectAsync(anonymous, 401, "unauthenticated");
        await ProblemShape.ExpectAsync(other, 403, "forbidden");
    }

    [Theory]
    [InlineData(null)]
    [InlineData("gzip")]
    [InlineData("zstd")]
    [InlineData("gzip, br, zstd")]
    public async Task Export_AskedForInACoding_ComesInIt(string? accepted)
    {
        var text = string.Concat(Enumerable.Range(1, 20_000).Select(n => $"{{\"slug\":\"guide-{n}\",\"publish\":true}}\n"));
        _content.AnswerStream = context =>
        {
            Assert.False(context.Request.Headers.ContainsKey("Accept-Encoding"));
            (context.Response.ContentType, context.Response.Headers.CacheControl) = (MediaTypes.JsonLines, "public, no-cache");
            return context.Response.WriteAsync(text, context.RequestAborted);
        };
        using var request = _gateway.Request("GET", Export);
        if (accepted is not null)
        {
            request.Headers.Add("Accept-Encoding", accepted);
        }

        using var answer = await _gateway.Client.SendAsync(request, Token);

        var body = await answer.Content.ReadAsByteArrayAsync(Token);
        var coding = answer.Content.Headers.ContentEncoding.SingleOrDefault();
        Assert.Equal(accepted?.Contains("br", StringComparison.Ordinal) == true ? "br" : accepted, coding);
        Assert.Equal(text, Decode(coding, body));
        Assert.Equal(coding is null, body.Length == text.Length);
        Assert.Contains("Accept-Encoding", answer.Headers.Vary);
        Assert.Equal("backendguide; fwd=bypass", answer.Headers.GetValues("Cache-Status").Single());
    }

    [Fact]
    public async Task Export_CutOffByTheService_IsCutOffForTheClientInAnyCoding()
    {
        var bytes = new byte[1_000_000];
        new Random(1).NextBytes(bytes); // no coding holds these back
        using var begun = new SemaphoreSlim(0);
        _content.AnswerStream = async context =>
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
            await begun.WaitAsync(context.RequestAborted);
            context.Abort();
        };
        foreach (var coding in (string[])["identity", "br", "gzip", "zstd"])
        {
            using var request = _gateway.Request("GET", Export);
            request.Headers.Add("Accept-Encoding", coding);
            using var answer = await _gateway.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Token);
            begun.Release();
            await Assert.ThrowsAsync<HttpRequestException>(() => answer.Content.ReadAsByteArrayAsync(Token));
        }
    }

    [Fact]
    public async Task Export_ThatTheServiceRefuses_IsItsProblem()
    {
        _content.AnswerStream = context => Problems.Unavailable("Later.").ExecuteAsync(context);
        using var request = _gateway.Request("GET", Export);
        request.Headers.Add("Accept-Encoding", "br");

        using var answer = await _gateway.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var body = Decode(answer.Content.Headers.ContentEncoding.Single(), await answer.Content.ReadAsByteArrayAsync(Token));
        Assert.Equal("Later.", JsonDocument.Parse(body).RootElement.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Export_AskedForItsHeadersAlone_HasThoseOfTheCoding()
    {
        _content.AnswerStream = context =>
        {
            context.Response.ContentType = MediaTypes.JsonLines;
            return Task.CompletedTask;
        };
        using var request = _gateway.Request("HEAD", Export);
        request.Headers.Add("Accept-Encoding", "gzip");

        using var answer = await _gateway.Client.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal(["gzip"], answer.Content.Headers.ContentEncoding);
    }

    private Task<DuplexRequest> OpenAsync(string path, int receiveBuffer = 64 * 1024) =>
        DuplexRequest.OpenAsync(
            _gateway.Client.BaseAddress!,
            path,
            _gateway.Issuer.Token(Scopes.ContentWrite),
            Token,
            receiveBuffer: receiveBuffer
        );

    private static async Task EchoAsync(HttpContext context)
    {
        context.Response.ContentType = MediaTypes.JsonLines;
        var buffer = new byte[1024];
        while (await context.Request.Body.ReadAsync(buffer, context.RequestAborted) is var read and > 0)
        {
            await context.Response.Body.WriteAsync(buffer.AsMemory(0, read), context.RequestAborted);
        }
    }

    private static string Decode(string? coding, byte[] body)
    {
        using var bytes = new MemoryStream(body);
        using Stream plain = coding switch
        {
            "br" => new BrotliStream(bytes, CompressionMode.Decompress),
            "gzip" => new GZipStream(bytes, CompressionMode.Decompress),
            "zstd" => new DecompressionStream(bytes),
            _ => bytes,
        };
        using var text = new StreamReader(plain, Encoding.UTF8);
        return text.ReadToEnd();
    }
}
