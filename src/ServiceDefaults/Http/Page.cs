namespace BackendGuide.ServiceDefaults.Http;

/// <summary>One page of a list.</summary>
/// <param name="Items">In the list's order.</param>
/// <param name="Next">The cursor to pass as <c>after</c>; null on the last page.</param>
public sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
