namespace BackendGuide.Eventing.Caching;

/// <summary>Answers that all instances of a service share. It may be away at any time, and then has nothing and takes nothing.</summary>
public interface ISharedAnswers
{
    /// <summary>An answer of which none of the tags was evicted since it was read; null where there is none. It never throws.</summary>
    Task<CachedAnswer?> ReadAsync(string key);

    /// <summary>
    /// Keeps an answer, unless one of its tags was evicted since it was read, or there is one that was read later. It never throws, and need not
    /// be waited for.
    /// </summary>
    Task KeepAsync(string key, CachedAnswer answer, TimeSpan timeToLive);
}
