using System.Text.Json;
using BackendGuide.Contracts;
using BackendGuide.Eventing;
using BackendGuide.Eventing.Consuming;
using NpgsqlTypes;

namespace BackendGuide.ContentService.Careers;

/// <summary>This service's own copy of the careers: each as its last event gave it.</summary>
internal static class CareerCopy
{
    private static readonly Projection s_projection = new("career_copy", ["slug"], [new ProjectedColumn("data", NpgsqlDbType.Jsonb)])
    {
        TagsOf = key => ContentTags.ChangedByCareer(key[0]),
    };

    public static EventHandlers Handlers =>
        new EventHandlers(s_projection)
            .Copy<CareerPublished>(EventTypes.CareerPublished, career => Row(career.Slug, career.Version, career))
            .Copy<CareerWithdrawn>(EventTypes.CareerWithdrawn, career => Row(career.Slug, career.Version, career, deleted: true))
            .Ignore(EventTypes.SalariesUpdated); // what guides show of a career has no observed salaries

    private static ProjectedRow Row(string slug, long version, object data, bool deleted = false) =>
        new([slug], version, deleted, [JsonSerializer.Serialize(data, EventJson.Options)]);
}
