using BackendGuide.ServiceDefaults.Http;
using Microsoft.Extensions.Primitives;

namespace BackendGuide.ServiceDefaults.Tests.Http;

public sealed class MediaTypesTests
{
    private static readonly string[] s_offered = [MediaTypes.Json, MediaTypes.Markdown, MediaTypes.Html];

    [Theory]
    [InlineData("", "application/json")]
    [InlineData("*/*", "application/json")]
    [InlineData("not a list of media types", "application/json")]
    [InlineData("application/*", "application/json")]
    [InlineData("text/html", "text/html")]
    [InlineData("Text/HTML; charset=iso-8859-1", "text/html")]
    [InlineData("text/*", "text/markdown")]
    [InlineData("text/*, text/markdown;q=0", "text/html")]
    [InlineData("text/html;q=0.5, text/markdown;q=0.6, application/json;q=0.4", "text/markdown")]
    [InlineData("text/html;q=0.5, */*;q=0.4", "text/html")]
    [InlineData("text/html;q=0.5, */*", "application/json")]
    [InlineData("*/*, application/json;q=0", "text/markdown")]
    [InlineData("text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8", "text/html")]
    [InlineData("application/json, text/plain, */*", "application/json")]
    [InlineData("image/png, text/html;q=0.001", "text/html")]
    public void Choice_OfWhatIsLikedBest_IsByQualityThenByOrder(string accept, string expected) =>
        Assert.Equal(expected, MediaTypes.Choose(accept.Length == 0 ? StringValues.Empty : accept, s_offered));

    [Theory]
    [InlineData("image/png")]
    [InlineData("*/*;q=0")]
    [InlineData("text/html;q=0, text/plain")]
    [InlineData("application/json;q=0.0")]
    [InlineData("application/ld+json")]
    [InlineData("application/*+json")]
    [InlineData("textual/*")]
    public void Choice_OfWhatIsNotThere_IsNone(string accept) => Assert.Null(MediaTypes.Choose(accept, s_offered));

    [Theory]
    [InlineData("application/ld+json", "application/ld+json")]
    [InlineData("APPLICATION/LD+JSON; profile=\"http://www.w3.org/ns/json-ld#expanded\"", "application/ld+json")]
    [InlineData("application/json", "application/json")]
    [InlineData("application/json;q=0.5, application/ld+json;q=0.4", "application/json")]
    [InlineData("application/json;q=0.4, application/ld+json;q=0.5", "application/ld+json")]
    [InlineData("application/json;q=0, */*", "application/ld+json")]
    [InlineData("application/*;q=0.5, application/json;q=0.1", "application/ld+json")]
    public void Choice_OfTwoFormsOfJson_TakesNeitherForTheOther(string accept, string expected) =>
        Assert.Equal(expected, MediaTypes.Choose(accept, [MediaTypes.Json, MediaTypes.LinkedData]));

    [Fact]
    public void Choice_OfAHeaderGivenTwice_IsByAllOfIt() =>
        Assert.Equal(MediaTypes.Html, MediaTypes.Choose(new StringValues(["text/markdown;q=0.1", "text/html"]), s_offered));

    [Fact]
    public void Choice_OfAHeaderThatIsVeryLong_IsMadeAllTheSame() =>
        Assert.Equal(MediaTypes.Html, MediaTypes.Choose(string.Join(',', Enumerable.Repeat("a/b;q=0.1", 3_000)) + ",text/html", s_offered));
}
