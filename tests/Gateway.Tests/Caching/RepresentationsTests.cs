using System.Net;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Caching;

/// <summary>Each form of a guide is kept for itself. The service answers in the form that it is asked for.</summary>
public sealed class RepresentationsTests : IAsyncLifetime
{
    private KeptContent _content = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await KeptContent.StartAsync();
        var answer = _content.Service.Answer!;
        _content.Service.Answer = context =>
        {
            var accept = context.Request.Headers.Accept.ToString();
            if (accept == "image/png")
            {
                context.Response.StatusCode = StatusCodes.Status406NotAcceptable;
                return context.Response.WriteAsync("none");
            }
            var mediaType = accept is "text/html" or "text/markdown" or "application/ld+json" ? accept : "application/json";
            _content.Headers["Content-Type"] = mediaType.EndsWith("json", StringComparison.Ordinal)
                ? mediaType
                : $"{mediaType}; charset=utf-8";
            _content.Headers["ETag"] = $"\"{_content.Position}-{mediaType.Split('/')[1]}\"";
            _content.Body = $"{mediaType} of {_content.Position}";
            return answer(context);
        };
    }

    public ValueTask DisposeAsync() => _content.DisposeAsync();

    [Fact]
    public async Task Form_AskedForAgain_IsKeptBesideTheOthers()
    {
        string[] accepts = ["application/json", "text/html", "text/markdown", "application/ld+json"];
        foreach (var isHit in (bool[])[false, true])
        {
            foreach (var accept in accepts)
            {
                var answer = await ReadAsync(accept);

                Assert.Equal((isHit, $"{accept} of 5"), (answer.IsHit, answer.Body));
                Assert.StartsWith(accept, answer.Headers["Content-Type"], StringComparison.Ordinal);
                Assert.Equal($"\"5-{accept.Split('/')[1]}\"", answer.Headers["ETag"]);
                Assert.Equal("Accept, Accept-Encoding", answer.Headers["Vary"]);
            }
        }
        Assert.Equal(4, _content.Asked);
    }

    [Fact]
    public async Task Form_InOtherWords_IsTheSame()
    {
        await ReadAsync("text/html");
        await ReadAsync("*/*");

        Assert.True((await ReadAsync("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")).IsHit);
        Assert.True((await ReadAsync("application/json, text/plain, */*")).IsHit);
        Assert.True((await _content.ReadAsync()).IsHit);
        Assert.Equal(2, _content.Asked);
    }

    [Fact]
    public async Task Eviction_OfAGuide_TakesAllItsForms()
    {
        foreach (var accept in (string[])["*/*", "text/html", "text/markdown", "application/ld+json"])
        {
            await ReadAsync(accept);
        }
        _content.Change(6, "");
        _content.Hear(6, "guide:a");

        Assert.Equal("text/html of 6", (await ReadAsync("text/html")).Body);
        Assert.Equal("text/markdown of 6", (await ReadAsync("text/markdown")).Body);
        Assert.Equal("application/ld+json of 6", (await ReadAsync("application/ld+json")).Body);
        Assert.Equal("application/json of 6", (await ReadAsync("*/*")).Body);
    }

    [Fact]
    public async Task Form_ThatThereIsNot_IsRefusedByTheServiceAndTakesNobodysPlace()
    {
        var json = await ReadAsync("*/*");
        var refused = await ReadAsync("image/png");

        Assert.Equal((HttpStatusCode.NotAcceptable, "backendguide; fwd=bypass"), (refused.Status, refused.Source));
        Assert.True((await ReadAsync("*/*")).IsHit);
        Assert.Equal(json.Body, (await ReadAsync("*/*")).Body);
    }

    [Theory]
    [InlineData("/api/v1/technologies/a", "application/ld+json, text/html;q=0.5", true)]
    [InlineData("/api/v1/technologies/a", "text/html,application/xhtml+xml,*/*;q=0.8", true)]
    [InlineData("/api/v1/technologies/a", "text/html", false)]
    [InlineData("/api/v1/guides", "text/html", true)]
    public async Task Form_OfWhatHasFewer_IsKeptWhereThereIsOne(string path, string accept, bool isKept)
    {
        var first = await _content.ReadAsync(path, ("Accept", accept));
        var again = await _content.ReadAsync(path, ("Accept", accept));

        Assert.Equal((isKept, isKept ? "backendguide; fwd=miss; stored" : "backendguide; fwd=bypass"), (again.IsHit, first.Source));
    }

    [Fact]
    public async Task Form_InACoding_HasATagOfItsOwn()
    {
        var plain = await ReadAsync("text/html");
        var coded = await _content.ReadAsync(KeptContent.Guide, ("Accept", "text/html"), ("Accept-Encoding", "br"));

        Assert.True(coded.IsHit);
        Assert.Equal("br", coded.Headers["Content-Encoding"]);
        Assert.NotEqual(plain.Headers["ETag"], coded.Headers["ETag"]);
        var known = await _content.ReadAsync(
            KeptContent.Guide,
            ("Accept", "text/html"),
            ("Accept-Encoding", "br"),
            ("If-None-Match", coded.Headers["ETag"])
        );
        Assert.Equal(HttpStatusCode.NotModified, known.Status);
    }

    private Task<KeptAnswer> ReadAsync(string accept) => _content.ReadAsync(KeptContent.Guide, ("Accept", accept));
}
