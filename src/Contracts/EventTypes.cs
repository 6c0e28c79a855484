namespace BackendGuide.Contracts;

/// <summary>The <c>type</c> of every event: stable names, the major version at the end.</summary>
public static class EventTypes
{
    /// <summary>A guide's public copy changed: <see cref="Contracts.GuidePublished"/>.</summary>
    public const string GuidePublished = "backendguide.guide.published.v1";

    /// <summary>GuideWithdrawn.</summary>
    public const string GuideWithdrawn = "backendguide.guide.withdrawn.v1";

    /// <summary>TechnologyWithdrawn.</summary>
    public const string TechnologyWithdrawn = "backendguide.technology.withdrawn.v1";

    /// <summary>CareerWithdrawn.</summary>
    public const string CareerWithdrawn = "backendguide.career.withdrawn.v1";

    /// <summary>SalariesUpdated.</summary>
    public const string SalariesUpdated = "backendguide.salaries.updated.v1";

    /// <summary>A technology changed: <see cref="Contracts.TechnologyPublished"/>.</summary>
    public const string TechnologyPublished = "backendguide.technology.published.v1";

    /// <summary>A career changed: <see cref="Contracts.CareerPublished"/>.</summary>
    public const string CareerPublished = "backendguide.career.published.v1";
}

/// <summary>The <c>source</c> of every event: the service that owns the data.</summary>
public static class EventSources
{
    /// <summary>Guides and technologies.</summary>
    public const string Content = "/content";

    /// <summary>Careers, salaries and learning paths.</summary>
    public const string Career = "/career";
}
