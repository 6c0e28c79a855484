using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Sourcing;

/// <summary><c>/internal/ops</c> as the gateway asks it.</summary>
public sealed class OpsTests(ServersFixture servers) : IAsyncLifetime
{
    private const string Ops = "/internal/ops";

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;
    private SourceFixture _fixture = null!;

    public async ValueTask InitializeAsync() => _fixture = await SourceFixture.CreateAsync(servers, _cancelled);

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task Operations_OfARunningService_AnswerByTheirNames()
    {
        var source = await _fixture.StartSourceAsync(_cancelled);
        var consumer = await _fixture.StartConsumerAsync(source, _cancelled);
        await source.SaveNewAsync(3, _cancelled);
        await Eventually.EqualAsync(
            3,
            async () => (await AskAsync(consumer, HttpMethod.Get, "status")).GetProperty("consumers")[0].GetProperty("position").GetInt64(),
            TwoServices.Deadline,
            "the consumer's position",
            _cancelled
        );

        // The relay takes note of where it is a moment after it has published.
        await Eventually.EqualAsync(
            (3L, 3L, 0L),
            async () =>
            {
                var relay = (await AskAsync(source, HttpMethod.Get, "status")).GetProperty("relay");
                return (Number(relay, "position"), Number(relay, "head"), Number(relay, "lagEvents"));
            },
            TwoServices.Deadline,
            "the relay's position",
            _cancelled
        );
        Assert.Equal("""{"redriven":0}""", (await AskAsync(source, HttpMethod.Post, "relay/redrive")).GetRawText());
        Assert.Equal(
            """{"applied":0,"stillParked":0,"deadLettered":0}""",
            (await AskAsync(consumer, HttpMethod.Post, $"consumers/{TwoServices.Queue}/redrive")).GetRawText()
        );
        Assert.Equal(
            """{"rebuilding":true}""",
            (await AskAsync(consumer, HttpMethod.Post, $"consumers/{TwoServices.Queue}/rebuild", HttpStatusCode.Accepted)).GetRawText()
        );
        var comparison = (await AskAsync(consumer, HttpMethod.Post, "compare"))[0];
        Assert.Equal((3, 0), (Number(comparison, "rows"), Number(comparison, "differingTotal")));
    }

    [Fact]
    public async Task Operations_OfAConsumerWhoseSourceIsAway_Are503AndTheStatusSaysThatItIsNotKnown()
    {
        var source = await _fixture.StartSourceAsync(_cancelled);
        var consumer = await _fixture.StartConsumerAsync(source, _cancelled);
        await _fixture.StopAsync(source);

        var status = (await AskAsync(consumer, HttpMethod.Get, "status")).GetProperty("consumers")[0];
        Assert.Equal(JsonValueKind.Null, status.GetProperty("head").ValueKind);
        foreach (var path in new[] { $"consumers/{TwoServices.Queue}/rebuild", "compare" })
        {
            using var answer = await consumer.SendAsync(HttpMethod.Post, $"{Ops}/{path}", consumer.OpsToken, _cancelled);
            await ProblemShape.ExpectAsync(answer, 503, "unavailable");
        }
    }

    [Theory]
    [InlineData("GET", "status")]
    [InlineData("POST", "relay/redrive")]
    [InlineData("POST", $"consumers/{TwoServices.Queue}/redrive")]
    [InlineData("POST", $"consumers/{TwoServices.Queue}/rebuild")]
    [InlineData("POST", "compare")]
    public async Task Operation_AskedByAnybodyElse_IsForOperatorsAlone(string method, string path)
    {
        var source = await _fixture.StartQuietSourceAsync(_cancelled);

        using var nobody = await source.SendAsync(new HttpMethod(method), $"{Ops}/{path}", null, _cancelled);
        var editor = _fixture.Issuer.Token(ServiceDefaults.Scopes.ContentWrite);
        using var writer = await source.SendAsync(new HttpMethod(method), $"{Ops}/{path}", editor, _cancelled);
        using var service = await source.SendAsync(new HttpMethod(method), $"{Ops}/{path}", source.InternalToken, _cancelled);

        Assert.Equal(
            (HttpStatusCode.Unauthorized, HttpStatusCode.Forbidden, HttpStatusCode.Forbidden),
            (nobody.StatusCode, writer.StatusCode, service.StatusCode)
        );
    }

    [Theory]
    [InlineData("redrive")]
    [InlineData("rebuild")]
    public async Task Consumer_ThatIsNotHere_IsA404(string action)
    {
        var source = await _fixture.StartQuietSourceAsync(_cancelled);

        using var answer = await source.SendAsync(HttpMethod.Post, $"{Ops}/consumers/nobody/{action}", source.OpsToken, _cancelled);

        await ProblemShape.ExpectAsync(answer, 404, "not-found");
    }

    private async Task<JsonElement> AskAsync(
        WebService service,
        HttpMethod method,
        string path,
        HttpStatusCode expected = HttpStatusCode.OK
    )
    {
        using var answer = await service.SendAsync(method, $"{Ops}/{path}", service.OpsToken, _cancelled);
        Assert.Equal(expected, answer.StatusCode);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(_cancelled);
    }

    private static long Number(JsonElement of, string name) => of.GetProperty(name).GetInt64();
}
