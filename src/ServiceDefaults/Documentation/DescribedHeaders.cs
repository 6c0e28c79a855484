namespace BackendGuide.ServiceDefaults.Documentation;

/// <summary>A request header that a filter of the route reads.</summary>
/// <param name="Name">Its name.</param>
public sealed record ReadsHeader(string Name);

/// <summary>A header that a filter of the route gives to every answer that is no refusal.</summary>
/// <param name="Name">Its name.</param>
public sealed record GivesHeader(string Name);
