#pragma warning disable
namespace BackendGuide.Contracts;

public sealed record GuideWithdrawn(string Slug, string Locale, long Version, string Title, DateTime WithdrawnAt);

public sealed record TechnologyWithdrawn(string Slug, long Version, string Name, DateTime WithdrawnAt);

public sealed record CareerWithdrawn(string Slug, long Version, string Title, DateTime WithdrawnAt);
