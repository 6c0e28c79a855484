namespace BackendGuide.Contracts;

/// <summary>The <c>type</c> of every event: stable names, the major version at the end.</summary>
public static class EventTypes
{
    /// <summary>A guide's public copy changed: <see cref="Contracts.GuidePublished"/>.</summary>
    public const string GuidePublished = "backendguide.guide.published.v1";

    /// <summary>A guide is no longer public: <see cref="Contracts.GuideWithdrawn"/>.</summary>
    public const string GuideWithdrawn = "backendguide.guide.withdrawn.v1";

    /// <summary>A technology changed: <see cref="Contracts.TechnologyPublished"/>.</summary>
    public const string TechnologyPublished = "backendguide.technology.published.v1";

    /// <summary>A technology is no longer public: <see cref="Contracts.TechnologyWithdrawn"/>.</summary>
    public const string TechnologyWithdrawn = "backendguide.technology.withdrawn.v1";

    /// <summary>A career changed: <see cref="Contracts.CareerPublished"/>.</summary>
    public const string CareerPublished = "backendguide.career.published.v1";

    /// <summary>A career is no longer public: <see cref="Contracts.CareerWithdrawn"/>.</summary>
    public const string CareerWithdrawn = "backendguide.career.withdrawn.v1";

    /// <summary>Observed salaries of a career changed: <see cref="Contracts.SalariesUpdated"/>.</summary>
    public const string SalariesUpdated = "backendguide.salaries.updated.v1";

    /// <summary>
    /// The schema of each type's data. It grows with every property that is added, within the same major version: readers take what they know
    /// and leave the rest. What would break them is a new type.
    /// </summary>
    public static IReadOnlyDictionary<string, EventSchema> Schemas { get; } =
        new Dictionary<string, EventSchema>
        {
            [GuidePublished] = new(1, typeof(GuidePublished)),
            [GuideWithdrawn] = new(1, typeof(GuideWithdrawn)),
            [TechnologyPublished] = new(1, typeof(TechnologyPublished)),
            [TechnologyWithdrawn] = new(1, typeof(TechnologyWithdrawn)),
            [CareerPublished] = new(1, typeof(CareerPublished)),
            [CareerWithdrawn] = new(1, typeof(CareerWithdrawn)),
            [SalariesUpdated] = new(1, typeof(SalariesUpdated)),
        };
}

/// <summary>What an event's data is.</summary>
/// <param name="Version">From 1.</param>
/// <param name="Data">The record.</param>
public sealed record EventSchema(int Version, Type Data);

/// <summary>The <c>source</c> of every event: the service that owns the data.</summary>
public static class EventSources
{
    /// <summary>Guides and technologies.</summary>
    public const string Content = "/content";

    /// <summary>Careers, salaries and learning paths.</summary>
    public const string Career = "/career";

    /// <summary>The service that a source is of, as service discovery names it.</summary>
    public static string ServiceOf(string source)
    {
        ArgumentNullException.ThrowIfNull(source);
        return source.TrimStart('/');
    }
}
