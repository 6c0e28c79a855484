using BackendGuide.CareerService.Careers;
using BackendGuide.CareerService.Topics;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Consuming;
using BackendGuide.ServiceDefaults.Caching;

namespace BackendGuide.CareerService;

internal static class CareerExtensions
{
    /// <summary>The concepts of this service, and the events that it follows.</summary>
    public static void AddCareer(this WebApplicationBuilder builder)
    {
        var topics = new EventHandlers()
            .On<TechnologyPublished>(EventTypes.TechnologyPublished, TopicCopy.ApplyAsync)
            .On<GuidePublished>(EventTypes.GuidePublished, TopicCopy.ApplyAsync);
        builder.AddEventing(typeof(CareerExtensions).Assembly, "career-db", EventSources.Career, "career.topics", topics);
        builder.AddReadCache("career");
        builder.Services.AddSingleton<CareerReader>();
        builder.Services.AddSingleton<CareerWriter>();
        builder.Services.AddSingleton<CareerList>();
        builder.Services.AddHostedService<Seeding>();
    }
}
