using BackendGuide.ContentService.Careers;
using BackendGuide.ContentService.Exports;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Imports;
using BackendGuide.ContentService.Search;
using BackendGuide.ContentService.Sitemap;
using BackendGuide.ContentService.Technologies;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.LinkedData;

namespace BackendGuide.ContentService;

internal static class ContentExtensions
{
    /// <summary>The concepts of this service, and the events that it follows.</summary>
    /// <exception cref="InvalidOperationException"><c>Content:PublicUrl</c> is wrong.</exception>
    public static void AddContent(this WebApplicationBuilder builder)
    {
        builder.AddPublicOrigin("Content:PublicUrl");
        builder.AddInternalAccess();
        builder.AddInternalClient("career");
        builder.AddEventing(
            new EventingSetup
            {
                Service = typeof(ContentExtensions).Assembly,
                Database = "content-db",
                Settings = "Content:Eventing",
                Source = EventSources.Content,
                ReadState = PublishedContent.ReadAsync,
                Consumer = "content.careers",
                ConsumedSource = EventSources.Career,
                SourceService = "career",
                Handlers = CareerCopy.Handlers,
            }
        );
        builder.AddCachedReads(EventSources.Content);
        builder.Services.AddSingleton<GuideReader>();
        builder.Services.AddSingleton<GuideWriter>();
        builder.Services.AddSingleton<GuidePublisher>();
        builder.Services.AddSingleton<GuideWithdrawal>();
        builder.Services.AddSingleton<GuideHistory>();
        builder.Services.AddSingleton<GuideRevisions>();
        builder.Services.AddSingleton<GuideList>();
        builder.Services.AddSingleton<TechnologyReader>();
        builder.Services.AddSingleton<TechnologyWriter>();
        builder.Services.AddSingleton<TechnologyWithdrawal>();
        builder.Services.AddSingleton<TechnologyList>();
        builder.Services.AddSingleton<TechnologyCareers>();
        builder.Services.AddSingleton<SearchReader>();
        builder.Services.AddSingleton<PendingEntries>();
        builder.Services.AddSingleton<SitemapReader>();
        builder.Services.AddImports();
        builder.Services.AddSingleton<GuideExport>();
        builder.Services.AddHostedService<Seeding>();
        builder.Services.AddHostedService<ScheduledPublishing>();
        builder.Services.AddHostedService<SearchCatchUp>();
    }
}
