using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Documentation;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.Gateway.Feeds;

/// <summary>What readers and crawlers follow: the newest guides as feeds, and the addresses of all of them as a sitemap.</summary>
internal static class FeedEndpoints
{
    private const int MostParts = 50_000;
    private const long MostBytesOfFeeds = 16L << 20;

    /// <exception cref="InvalidOperationException"><c>Gateway:PublicUrl</c> is wrong.</exception>
    public static void AddFeeds(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton(new PublicAddress(builder.Configuration));
        builder.Services.AddSingleton<NewestGuides>();
        builder.Services.AddSingleton(_ => new FeedDocuments(MostBytesOfFeeds));
        builder.Services.AddSingleton<SitemapReader>();
        builder.Services.AddSingleton<Sitemap>();
    }

    public static void MapFeeds(this IEndpointRouteBuilder routes)
    {
        var feeds = routes.MapGroup("").AllowAnonymous().WithTags("Feeds");
        feeds
            .MapGet(JsonFeed.Path, GetJson)
            .Describe("getJsonFeed", "Read the newest guides as JSON Feed 1.1", route => Describe(JsonFeed.Describe(route)));
        feeds
            .MapGet(AtomFeed.Path, GetAtom)
            .Describe(
                "getAtomFeed",
                "Read the newest guides as Atom",
                route => Describe(route.GivesText(200, AtomFeed.MediaType, "The feed."))
            );
        feeds.MapGet(SitemapFile.Path, GetSitemap).Describe("getSitemap", "Read the addresses of all guides", DescribeSitemap);
    }

    private static RouteDescription Describe(RouteDescription route) =>
        route.Header(ChangeCursorExtensions.AfterChangeHeader).NotModified().With(HeaderNames.Age, AnswerWriter.CacheStatusHeader);

    private static void DescribeSitemap(RouteDescription route) =>
        Describe(
            route
                .Detail("More than 50,000 guides are in parts: without `part` it is then the index of them.")
                .Query(query => query.WholeNumber("part", 1, MostParts, whenMissing: 0))
                .GivesText(200, SitemapFile.MediaType, "The sitemap (sitemaps.org, 0.9).")
                .Refuses(404, "There is no such part.")
        );

    private static Task<IResult> GetJson(HttpRequest request, PublicAddress address, NewestGuides guides, FeedDocuments feeds) =>
        GetAsync(request, address, guides, feeds, JsonFeed.Path, JsonFeed.Write);

    private static Task<IResult> GetAtom(HttpRequest request, PublicAddress address, NewestGuides guides, FeedDocuments feeds) =>
        GetAsync(request, address, guides, feeds, AtomFeed.Path, AtomFeed.Write);

    private static async Task<IResult> GetAsync(
        HttpRequest request,
        PublicAddress address,
        NewestGuides newest,
        FeedDocuments feeds,
        string path,
        Func<IReadOnlyList<FeedGuide>, string, FeedDocument> write
    )
    {
        var faults = new Faults();
        new QueryInput(request, faults).RefuseOthers();
        var after = AfterChange.Read(request, faults);
        var origin = address.OriginFor(request, faults);
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        try
        {
            var (list, source, age) = await newest.ReadAsync(after, request.HttpContext.RequestAborted);
            return new FeedResult(feeds.Get(path, origin, list, list.Size, () => write(NewestGuides.Of(list), origin)), source, age);
        }
        catch (ServiceAwayException)
        {
            return Away(request);
        }
    }

    private static async Task<IResult> GetSitemap(HttpRequest request, PublicAddress address, Sitemap sitemap)
    {
        var faults = new Faults();
        var query = new QueryInput(request, faults);
        var part = query.WholeNumber("part", 1, MostParts, whenMissing: 0);
        query.RefuseOthers();
        var after = AfterChange.Read(request, faults);
        var origin = address.OriginFor(request, faults);
        if (faults.Any)
        {
            return faults.ToProblem();
        }
        try
        {
            return await sitemap.GetAsync(origin, part, after, request.HttpContext.RequestAborted) is var (document, source, age)
                ? new FeedResult(document, source, age)
                : Problems.NotFound($"The sitemap has no part {part}.");
        }
        catch (SourceAwayException)
        {
            return Away(request);
        }
    }

    private static ProblemHttpResult Away(HttpRequest request) =>
        Problems.Unavailable(request.HttpContext.Response, ProxyFailures.DetailOf(ApiRoutes.Content), FirstFailure.Rest);
}
