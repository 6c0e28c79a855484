using BackendGuide.ContentService.Careers;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Technologies;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Consuming;
using BackendGuide.ServiceDefaults.Caching;

namespace BackendGuide.ContentService;

internal static class ContentExtensions
{
    /// <summary>The concepts of this service, and the events that it follows.</summary>
    public static void AddContent(this WebApplicationBuilder builder)
    {
        var careers = new EventHandlers().On<CareerPublished>(EventTypes.CareerPublished, CareerCopy.ApplyAsync);
        builder.AddEventing(typeof(ContentExtensions).Assembly, "content-db", EventSources.Content, "content.careers", careers);
        builder.AddReadCache("content");
        builder.Services.AddSingleton<GuideReader>();
        builder.Services.AddSingleton<GuideWriter>();
        builder.Services.AddSingleton<GuideList>();
        builder.Services.AddSingleton<TechnologyReader>();
        builder.Services.AddSingleton<TechnologyWriter>();
        builder.Services.AddSingleton<TechnologyList>();
        builder.Services.AddHostedService<Seeding>();
    }
}
