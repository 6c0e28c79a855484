using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using BackendGuide.Eventing.Consuming;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Sourcing;

/// <summary>What a consumer is told of a source that does not answer as it should: always an <see cref="HttpRequestException"/>.</summary>
public sealed class HttpSourceFeedTests
{
    private const string Epoch = "0193b2f4-0000-7000-8000-000000000001";
    private const string Header = $$"""{"epoch":"{{Epoch}}","position":2}""";
    private const string Resource = $$$"""
        {"specversion":"1.0","id":"0193b2f4-0000-7000-8000-000000000002","source":"/things","type":"{{{Things.Changed}}}","subject":"things/a","time":"2026-01-01T00:00:00Z","sequence":"1","position":"2","epoch":"{{{Epoch}}}","data":{}}
        """;

    private static readonly TimeSpan s_deadline = TimeSpan.FromMinutes(1);

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    [InlineData(HttpStatusCode.Gone)]
    [InlineData(HttpStatusCode.InternalServerError)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    public async Task Source_ThatRefuses_IsAnErrorWithItsStatus(HttpStatusCode status)
    {
        var reader = Answering(status, "{}");

        var changes = await Assert.ThrowsAsync<HttpRequestException>(() => reader.ReadAsync("c", 3, 10, _cancelled));
        var state = await Assert.ThrowsAsync<HttpRequestException>(() => reader.OpenStateAsync(_cancelled));

        Assert.Equal((status, status), (changes.StatusCode, state.StatusCode));
    }

    [Fact]
    public async Task Source_WhereNobodyListens_IsAnError()
    {
        var reader = FeedReader.Of(new Uri($"http://127.0.0.1:{FreePorts.Take()}"));

        await Assert.ThrowsAsync<HttpRequestException>(() => reader.ReadAsync(null, 0, 0, _cancelled));
        await Assert.ThrowsAsync<HttpRequestException>(() => reader.OpenStateAsync(_cancelled));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("<html>")]
    [InlineData("""{"epoch":"no epoch"}""")]
    public async Task Changes_ThatCannotBeRead_AreAnError(string body)
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => Answering(HttpStatusCode.OK, body).ReadAsync(null, 0, 0, _cancelled));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null\n")]
    [InlineData("<html>\n")]
    public async Task State_WhoseFirstLineCannotBeRead_IsAnError(string body)
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => Answering(HttpStatusCode.OK, body).OpenStateAsync(_cancelled));
    }

    [Theory]
    [InlineData($"{Header}\n")]
    [InlineData($"{Header}\n{Resource}\n")]
    [InlineData($"{Header}\n{Resource}\n{{\"count\":2}}\n")]
    [InlineData($"{Header}\n{{\"count\":1}}\n")]
    [InlineData($"{Header}\n{Resource}\n{{\"spec")]
    [InlineData($"{Header}\n{Resource}\n{{\"count\":")]
    [InlineData($"{Header}\nnull\n{{\"count\":1}}\n")]
    public async Task State_WithoutAllOfItsResources_IsAnError(string body)
    {
        await Assert.ThrowsAsync<HttpRequestException>(() => ReadAllAsync(Answering(HttpStatusCode.OK, body)));
    }

    [Fact]
    public async Task State_ThatIsWhole_IsRead()
    {
        Assert.Equal(["things/a"], await ReadAllAsync(Answering(HttpStatusCode.OK, $"{Header}\n{Resource}\n{{\"count\":1}}\n")));
    }

    [Fact]
    public async Task Consumer_WithANameThatNeedsEscaping_IsNamedAsItIs()
    {
        var handler = new Fixed(HttpStatusCode.ServiceUnavailable, "");
        var reader = FeedReader.Of(new Uri("http://things"), handler: handler);

        await Assert.ThrowsAsync<HttpRequestException>(() => reader.ReadAsync("a&b c", 7, 5, _cancelled));

        Assert.Equal("http://things/internal/changes?after=7&limit=5&consumer=a%26b%20c", handler.Asked?.AbsoluteUri);
    }

    [Fact]
    public async Task Source_ThatFallsSilentAmidItsAnswer_IsAnError()
    {
        var reader = FeedReader.Of(new Uri("http://things"), handler: new Silent($"{Header}\n"), limit: TimeSpan.FromMilliseconds(200));

        await Assert.ThrowsAsync<HttpRequestException>(() => reader.ReadAsync(null, 0, 0, _cancelled)).WaitAsync(s_deadline, _cancelled);
        await Assert.ThrowsAsync<HttpRequestException>(() => ReadAllAsync(reader)).WaitAsync(s_deadline, _cancelled);
    }

    private async Task<List<string>> ReadAllAsync(HttpSourceFeed reader)
    {
        await using var state = await reader.OpenStateAsync(_cancelled);
        return await state.ReadAsync(_cancelled).Select(of => of.Subject).ToListAsync(_cancelled);
    }

    private static HttpSourceFeed Answering(HttpStatusCode status, string body) =>
        FeedReader.Of(new Uri("http://things"), handler: new Fixed(status, body));

    /// <summary>Sends headers and the beginning of a body, and then nothing more, without an end.</summary>
    private sealed class Silent(string beginning) : HttpMessageHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var pipe = new Pipe();
            await pipe.Writer.WriteAsync(Encoding.UTF8.GetBytes(beginning), cancellationToken);
            return new HttpResponseMessage(HttpStatusCode.OK) { Content = new StreamContent(pipe.Reader.AsStream()) };
        }
    }

    private sealed class Fixed(HttpStatusCode status, string body) : HttpMessageHandler
    {
        public Uri? Asked { get; private set; }

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            Asked = request.RequestUri;
            var content = new StringContent(body, new MediaTypeHeaderValue("application/json"));
            return Task.FromResult(new HttpResponseMessage(status) { Content = content });
        }
    }
}
