using System.Text;
using BackendGuide.Gateway.Caching;

namespace BackendGuide.Gateway.Tests.Caching;

/// <summary>Bodies in the coding that a client likes best.</summary>
public sealed class ContentCodingTests : IAsyncLifetime
{
    private static readonly string s_body = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"A sentence that repeats, {i}. "));

    private KeptContent _content = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await KeptContent.StartAsync();
        _content.Body = s_body;
    }

    public ValueTask DisposeAsync() => _content.DisposeAsync();

    [Theory]
    [InlineData("br", "br")]
    [InlineData("zstd", "zstd")]
    [InlineData("gzip", "gzip")]
    [InlineData("x-gzip", "gzip")]
    [InlineData("gzip, deflate, br, zstd", "br")]
    [InlineData("gzip, zstd", "zstd")]
    [InlineData("BR;q=0.8, gzip;q=0.9", "gzip")]
    [InlineData("br;q=0, *", "zstd")]
    [InlineData("*", "br")]
    [InlineData("br;q=0.5, identity", null)]
    [InlineData("br;q=0, gzip;q=0", null)]
    [InlineData("deflate", null)]
    [InlineData("identity", null)]
    [InlineData("", null)]
    [InlineData("br;q=many", null)]
    public async Task Body_InTheCodingThatIsLikedBest_IsThatOfTheService(string accepted, string? coding)
    {
        var plain = await _content.ReadAsync();
        for (var i = 0; i < 2; i++)
        {
            var answer = await _content.ReadAsync(KeptContent.Guide, ("Accept-Encoding", accepted));

            Assert.True(answer.IsHit);
            Assert.Equal(coding, answer.Headers.GetValueOrDefault("Content-Encoding"));
            Assert.Equal(s_body, answer.Text);
            Assert.Equal(answer.Bytes.Length.ToString(provider: null), answer.Headers["Content-Length"]);
            Assert.Equal(coding is null, plain.Headers["ETag"] == answer.Headers["ETag"]);
            Assert.StartsWith("\"5-", answer.Headers["ETag"], StringComparison.Ordinal);
            Assert.Equal("Accept, Accept-Encoding", answer.Headers["Vary"]);

            var again = await _content.ReadAsync(
                KeptContent.Guide,
                ("Accept-Encoding", accepted),
                ("If-None-Match", answer.Headers["ETag"])
            );
            Assert.Equal(304, (int)again.Status);
        }
        Assert.Equal(1, _content.Asked);
    }

    [Fact]
    public async Task Tags_OfOneVersionInDifferentCodings_AreDifferent()
    {
        var tags = new HashSet<string>();
        foreach (var coding in (string[])["identity", "br", "zstd", "gzip"])
        {
            tags.Add((await _content.ReadAsync(KeptContent.Guide, ("Accept-Encoding", coding))).Headers["ETag"]);
        }
        Assert.Equal(4, tags.Count);
    }

    [Theory]
    [InlineData(ContentCoding.Brotli)]
    [InlineData(ContentCoding.Zstandard)]
    [InlineData(ContentCoding.Gzip)]
    internal void Body_EncodedTwice_IsTheSameBytes(ContentCoding coding)
    {
        var body = Encoding.UTF8.GetBytes(s_body);
        Assert.True(ContentCodings.Encode(coding, body).Span.SequenceEqual(ContentCodings.Encode(coding, body).Span));
    }

    [Fact]
    public async Task Form_MadeOfWhatIsKept_Counts()
    {
        await _content.ReadAsync();
        var store = _content.Gateway.Get<AnswerStore>();
        var plain = store.Bytes;

        var length = (await _content.ReadAsync(KeptContent.Guide, ("Accept-Encoding", "gzip"))).Bytes.Length;

        Assert.Equal(plain + length, store.Bytes);
        _content.Hear(6, "guide:a");
        _content.Change(6, "");
        await _content.ReadAsync();
        Assert.InRange(store.Bytes, 1, plain - s_body.Length + 100);
    }
}
