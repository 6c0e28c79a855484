using BackendGuide.Gateway.Caching;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;

namespace BackendGuide.Gateway.Tests.Caching;

public sealed class CachedAddressTests
{
    [Theory]
    [InlineData("/api/v1/guides", "/api/v1/guides")]
    [InlineData("/api/v1/guides?", "/api/v1/guides")]
    [InlineData("/api/v1/guides?limit=5&after=x", "/api/v1/guides?after=x&limit=5")]
    [InlineData("/api/v1/guides?&after=x&&limit=5&", "/api/v1/guides?after=x&limit=5")]
    [InlineData("/api/v1/guides?after=%78", "/api/v1/guides?after=x")]
    [InlineData("/api/v1/guides?after=a+b", "/api/v1/guides?after=a%20b")]
    [InlineData("/api/v1/guides?after=%zz", "/api/v1/guides?after=%25zz")]
    [InlineData("/api/v1/guides?after", "/api/v1/guides?after=")]
    [InlineData("/api/v1/guides/a-b2?locale=de", "/api/v1/guides/a-b2?locale=de")]
    [InlineData("/api/v1/careers/a/learning-path", "/api/v1/careers/a/learning-path")]
    [InlineData("/api/v1/careers/a/learning-path?version=2", "/api/v1/careers/a/learning-path?version=2")]
    [InlineData("/api/v1/careers/a/revisions/2", "/api/v1/careers/a/revisions/2")]
    [InlineData("/api/v1/careers/a/revisions?limit=1", "/api/v1/careers/a/revisions?limit=1")]
    [InlineData("/api/v1/careers/a/technologies", "/api/v1/careers/a/technologies")]
    [InlineData("/api/v1/careers/a/salaries?year=2026&level=mid", "/api/v1/careers/a/salaries?level=mid&year=2026")]
    [InlineData("/api/v1/careers/a/salaries?region=", "/api/v1/careers/a/salaries?region=")]
    [InlineData("/api/v1/careers/a/salaries?asOf=2026-11-22", "/api/v1/careers/a/salaries?asOf=2026-11-22")]
    [InlineData(
        "/api/v1/careers/a/salaries/trend?to=2&level=mid&from=1&currency=EUR",
        "/api/v1/careers/a/salaries/trend?currency=EUR&from=1&level=mid&to=2"
    )]
    [InlineData("/api/v1/salaries/compare?b=2&a=1", "/api/v1/salaries/compare?a=1&b=2")]
    [InlineData("/api/v1/careers?limit=5&asOf=2026-11-22T08:00:00Z", "/api/v1/careers?asOf=2026-11-22T08%3A00%3A00Z&limit=5")]
    public void Target_ThatIsPlain_HasOneSpelling(string target, string expected)
    {
        Assert.Equal(expected, Read(target)?.Text);
        Assert.Equal(expected, Read(expected)?.Text); // which is its own
    }

    [Fact]
    public void Segment_OfAnyCharacters_IsASlugWhereTheServicesSaySo()
    {
        char[] letters = ['a', 'z', '0', '9', '-', 'A', '_', '.', '\u00e9', '\n', '{', '`', '/'];
        var words = Enumerable
            .Range(1, 4)
            .Aggregate(
                new List<string> { "" },
                (all, length) =>
                    [.. all, .. all.Where(word => word.Length == length - 1).SelectMany(word => letters.Select(letter => word + letter))]
            );
        words.AddRange(
            Enumerable.Range(119, 3).SelectMany(length => new[] { new string('a', length), new string('a', length - 2) + "-a" })
        );

        Assert.All(words, word => Assert.Equal(Slug.IsValid(word), CachedAddress.IsSlug(word)));
        Assert.Contains(words, word => Slug.IsValid(word) && word.Length == Slug.MaxLength);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api/v1/")]
    [InlineData("/api/v1/guides/")]
    [InlineData("/api/v1//guides")]
    [InlineData("/api/v1/Guides")]
    [InlineData("/api/v1/guides/A")]
    [InlineData("/api/v1/guides/a/")]
    [InlineData("/api/v1/guides/%61")]
    [InlineData("/api/v1/guides/a%2Fb")]
    [InlineData("/api/v1/guides/a%252Fb")]
    [InlineData("/api/v1/guides/a;b")]
    [InlineData("/api/v1/guides/a.css")]
    [InlineData("/api/v1/guides/../guides")]
    [InlineData("/api/v1/guides/a/b")]
    [InlineData("/api/v1/guides/a/publish")]
    [InlineData("/api/v1/changes")]
    [InlineData("/api/v1/ops/status")]
    [InlineData("http://localhost/api/v1/guides")]
    [InlineData("*")]
    [InlineData("/api/v1/guides?limit=5&limit=5")]
    [InlineData("/api/v1/guides?LIMIT=5")]
    [InlineData("/api/v1/guides?preview=true")]
    [InlineData("/api/v1/careers/a?locale=en")]
    [InlineData("/api/v1/careers/a/revisions/")]
    [InlineData("/api/v1/careers/a/revisions/1?fields=career")]
    [InlineData("/api/v1/careers/a/learning-path/translate")]
    [InlineData("/api/v1/guides/a/revisions")]
    [InlineData("/api/v1/guides/a/revisions/1")]
    public void Target_OfAnyOtherKind_IsNotKept(string target) => Assert.Null(Read(target));

    [Fact]
    public void Target_ThatIsVeryLong_IsNotKept()
    {
        Assert.Null(Read($"/api/v1/guides?after={new string('a', 2_000)}"));
        Assert.Null(Read($"/api/v1/guides/{new string('a', 3_000)}"));
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("*/*", "")]
    [InlineData("application/json", "")]
    [InlineData("application/json, text/plain, */*", "")]
    [InlineData("nonsense", "")]
    [InlineData("text/html,application/xhtml+xml,*/*;q=0.8", " text/html")]
    [InlineData("TEXT/HTML", " text/html")]
    [InlineData("text/markdown, text/html;q=0.9", " text/markdown")]
    [InlineData("application/json;q=0.1, text/*", " text/markdown")]
    public void Accept_OfAGuide_IsPartOfWhatItIsKeptUnder(string? accept, string expected)
    {
        var address = Read("/api/v1/guides/a?locale=de", accept);

        Assert.Equal("/api/v1/guides/a?locale=de", address?.Text);
        Assert.Equal($"/api/v1/guides/a?locale=de{expected}", address?.Key);
    }

    [Theory]
    [InlineData(null, "")]
    [InlineData("application/json", "")]
    [InlineData("application/ld+json", " application/ld+json")]
    [InlineData("application/json;q=0.5, application/ld+json", " application/ld+json")]
    public void Accept_OfACareer_IsPartOfWhatItIsKeptUnder(string? accept, string expected) =>
        Assert.Equal($"/api/v1/careers/a{expected}", Read("/api/v1/careers/a", accept)?.Key);

    [Theory]
    [InlineData("image/png")]
    [InlineData("*/*;q=0")]
    [InlineData("text/plain, application/xml")]
    public void Accept_OfWhatTheRouteHasNot_IsForTheService(string accept)
    {
        Assert.Null(Read("/api/v1/guides/a", accept));
        Assert.Equal("/api/v1/guides", Read("/api/v1/guides", accept)?.Key); // which has only JSON to give
    }

    private static CachedAddress? Read(string target, string? accept = null)
    {
        var mark = target.IndexOf('?', StringComparison.Ordinal);
        var query = QueryHelpers.ParseQuery(mark < 0 ? "" : target[mark..]);
        return CachedAddress.Read(target, new QueryCollection(query), accept);
    }
}
