using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ServiceDefaults.Tests;

public sealed class ProblemsTests
{
    private static readonly Dictionary<string, string[]> s_errors = new() { ["$.sections[0].Heading"] = ["is <too> long"] };

    public static TheoryData<int, string> Kinds =>
        new()
        {
            { 400, "/problems/invalid-request" },
            { 404, "/problems/not-found" },
            { 406, "/problems/not-acceptable" },
            { 409, "/problems/conflict" },
            { 410, "/problems/gone" },
            { 412, "/problems/precondition-failed" },
            { 413, "/problems/payload-too-large" },
            { 415, "/problems/unsupported-media-type" },
            { 422, "/problems/unprocessable" },
            { 503, "/problems/unavailable" },
        };

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Problem_OfEachStatus_HasItsStableType(int status, string type)
    {
        ProblemHttpResult[] all =
        [
            Problems.Invalid(s_errors),
            Problems.NotFound(),
            Problems.NotAcceptable(),
            Problems.Conflict("c"),
            Problems.Gone(),
            Problems.PreconditionFailed(),
            Problems.PayloadTooLarge(),
            Problems.UnsupportedMediaType(),
            Problems.Unprocessable("u"),
            Problems.Unavailable(),
        ];
        var problem = Assert.Single(all, result => result.StatusCode == status).ProblemDetails;

        Assert.Equal(type, problem.Type);
        Assert.False(string.IsNullOrEmpty(problem.Title));
    }

    [Fact]
    public void Errors_InJson_KeepTheirKeysAndText()
    {
        var json = JsonSerializer.SerializeToElement(Problems.Conflict("taken", s_errors).ProblemDetails, ApiJson.Options);

        Assert.Equal("is <too> long", json.GetProperty("errors").GetProperty("$.sections[0].Heading")[0].GetString());
        Assert.Equal("taken", json.GetProperty("detail").GetString());
    }

    [Fact]
    public void MethodNotAllowed_NamesTheMethods_InAllow()
    {
        var response = new DefaultHttpContext().Response;

        Assert.Equal(405, Problems.MethodNotAllowed(response, "GET", "HEAD").StatusCode);
        Assert.Equal("GET, HEAD", response.Headers.Allow);
    }

    [Theory]
    [InlineData(0, "1")]
    [InlineData(999, "1")]
    [InlineData(1001, "2")]
    public void RetryAfter_OfAnyLength_IsRoundedUpToWholeSeconds(int milliseconds, string seconds)
    {
        var response = new DefaultHttpContext().Response;

        Assert.Equal(429, Problems.TooManyRequests(response, TimeSpan.FromMilliseconds(milliseconds)).StatusCode);
        Assert.Equal(seconds, response.Headers.RetryAfter);
    }

    [Theory]
    [InlineData(399)]
    [InlineData(600)]
    public void OfStatus_ThatIsNoError_IsRefused(int status) => Assert.Throws<ArgumentOutOfRangeException>(() => Problems.OfStatus(status));
}
