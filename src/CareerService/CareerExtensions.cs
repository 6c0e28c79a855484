using BackendGuide.CareerService.Careers;
using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.Salaries;
using BackendGuide.CareerService.Topics;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Caching;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.LinkedData;

namespace BackendGuide.CareerService;

internal static class CareerExtensions
{
    /// <summary>The concepts of this service, and the events that it follows.</summary>
    public static void AddCareer(this WebApplicationBuilder builder)
    {
        builder.AddInternalAccess();
        builder.AddInternalClient("content");
        builder.AddEventing(
            new EventingSetup
            {
                Service = typeof(CareerExtensions).Assembly,
                Database = "career-db",
                Settings = "Career:Eventing",
                Source = EventSources.Career,
                ReadState = PublishedCareers.ReadAsync,
                Consumer = "career.topics",
                ConsumedSource = EventSources.Content,
                SourceService = "content",
                Handlers = TopicCopy.Handlers,
            }
        );
        builder.AddCachedReads(EventSources.Career);
        builder.AddPublicOrigin("Career:PublicUrl");
        builder.Services.AddSingleton<CareerReader>();
        builder.Services.AddSingleton<CareerWriter>();
        builder.Services.AddSingleton<CareerWithdrawal>();
        builder.Services.AddSingleton<CareerList>();
        builder.AddSalaries();
        builder.Services.AddSingleton<CareerRevisions>();
        builder.Services.AddSingleton<KnownSteps>();
        builder.Services.AddSingleton<PathRecords>();
        builder.Services.AddHostedService<Seeding>();
    }
}
