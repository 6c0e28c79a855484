using System.Security.Claims;
using System.Text;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.ServiceDefaults.Tests.Http;

public sealed class IdempotentRequestTests
{
    [Fact]
    public async Task Read_OfTheSameRequestWrittenOtherwise_IsTheSame()
    {
        var one = await ReadAsync(path: "/guides/a/publish", query: "?locale=en");
        var two = await ReadAsync(path: "/guides/a/publish", query: "?&%6Cocale=%65n&");

        AssertSame(one, two);
    }

    [Theory]
    [InlineData("/guides/b/publish", "", "alice", "https://one.test", "{}")]
    [InlineData("/guides/a/publish", "?locale=en", "alice", "https://one.test", "{}")]
    [InlineData("/guides/a/publish", "", "bob", "https://one.test", "{}")]
    [InlineData("/guides/a/publish", "", "alice", "https://two.test", "{}")]
    [InlineData("/guides/a/publish", "", "alice", "https://one.test", "{ }")]
    public async Task Read_OfAnotherRequest_DiffersInOnePart(string path, string query, string subject, string issuer, string body)
    {
        var one = (await ReadAsync())!;
        var two = (await ReadAsync(path, query, subject, issuer, body))!;

        bool[] same =
        [
            one.Subject.SequenceEqual(two.Subject),
            one.Path == two.Path,
            one.Key == two.Key,
            one.BodyHash.SequenceEqual(two.BodyHash),
        ];
        Assert.Equal(1, same.Count(part => !part));
    }

    [Fact]
    public async Task Read_OfABody_LeavesItToBeReadAgain()
    {
        var context = Context(body: new string('x', 200_000));

        await IdempotentRequest.ReadAsync(context.Request, new Faults(), TestContext.Current.CancellationToken);

        var read = await context.Request.BodyReader.ReadAtLeastAsync(200_001, TestContext.Current.CancellationToken);
        Assert.Equal(200_000, read.Buffer.Length);
    }

    [Fact]
    public async Task Read_WithoutTheHeader_IsNothingAndNoFault()
    {
        var context = Context();
        context.Request.Headers.Remove("Idempotency-Key");
        var faults = new Faults();

        Assert.Null(await IdempotentRequest.ReadAsync(context.Request, faults, TestContext.Current.CancellationToken));
        Assert.False(faults.Any);
    }

    [Theory]
    [InlineData("/guides/a", "alice", "", "must be given once")]
    [InlineData("/guides/a", "", "a", "a token that names its subject")]
    [InlineData("/1000", "alice", "a", "an address of at most 1000 characters")]
    public async Task Read_OfWhatCannotBeKept_IsAFaultOfTheHeader(string path, string subject, string key, string message)
    {
        var context = Context(path: path == "/1000" ? "/" + new string('a', 1_000) : path, subject: subject);
        context.Request.Headers["Idempotency-Key"] = key;
        var faults = new Faults();

        Assert.Null(await IdempotentRequest.ReadAsync(context.Request, faults, TestContext.Current.CancellationToken));
        var (place, messages) = Assert.Single(faults.ByPlace);
        Assert.Equal("Idempotency-Key", place);
        Assert.Contains(message, Assert.Single(messages), StringComparison.Ordinal);
    }

    private static void AssertSame(IdempotentRequest? one, IdempotentRequest? two)
    {
        Assert.Equal((one!.Path, one.Key), (two!.Path, two.Key));
        Assert.Equal(one.Subject, two.Subject);
        Assert.Equal(one.BodyHash, two.BodyHash);
    }

    private static Task<IdempotentRequest?> ReadAsync(
        string path = "/guides/a/publish",
        string query = "",
        string subject = "alice",
        string issuer = "https://one.test",
        string body = "{}"
    )
    {
        var request = Context(path, query, subject, issuer, body).Request;
        return IdempotentRequest.ReadAsync(request, new Faults(), TestContext.Current.CancellationToken);
    }

    private static DefaultHttpContext Context(
        string path = "/guides/a/publish",
        string query = "",
        string subject = "alice",
        string issuer = "https://one.test",
        string body = "{}"
    ) =>
        new()
        {
            User = new ClaimsPrincipal(new ClaimsIdentity([new("sub", subject), new("iss", issuer)])),
            Request =
            {
                Path = path,
                QueryString = new QueryString(query),
                Body = new MemoryStream(Encoding.UTF8.GetBytes(body)),
                Headers = { ["Idempotency-Key"] = "key" },
            },
        };
}
