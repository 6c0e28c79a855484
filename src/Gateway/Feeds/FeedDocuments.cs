using BackendGuide.Gateway.Caching;
using Microsoft.Extensions.Caching.Memory;

namespace BackendGuide.Gateway.Feeds;

/// <summary>
/// Feeds and sitemaps: one is made once of what was read for all who ask for it at an address, and coded once in each coding.
/// </summary>
/// <param name="mostBytes">What they may take in memory. Where the address is the request's own, anybody may ask for as many as he likes.</param>
internal sealed class FeedDocuments(long mostBytes) : IDisposable
{
    private readonly MemoryCache _made = new(new MemoryCacheOptions { SizeLimit = mostBytes });
    private readonly Lock _gate = new();

    /// <summary>A document.</summary>
    /// <param name="path">Which one.</param>
    /// <param name="origin">What its addresses begin with.</param>
    /// <param name="read">What it is of: another one, although it may say the same, makes another document.</param>
    /// <param name="bytes">What that takes in memory, about; 0 where somebody else keeps it.</param>
    /// <param name="write">Makes it.</param>
    public FeedDocument Get(string path, string origin, object read, long bytes, Func<FeedDocument> write)
    {
        var key = (path, origin);
        if (Find(key, read) is { } made)
        {
            return made;
        }
        lock (_gate)
        {
            if (Find(key, read) is { } meanwhile)
            {
                return meanwhile;
            }
            var document = write();
            // With what it is of, and about as much again for its coded forms.
            var options = new MemoryCacheEntryOptions
            {
                Size = bytes + (2L * document.Length) + (2 * origin.Length),
                AbsoluteExpirationRelativeToNow = KeptAnswers.Limit,
            };
            return _made.Set(key, new Made(read, document), options).Document;
        }
    }

    public void Dispose() => _made.Dispose();

    private FeedDocument? Find((string, string) key, object read) =>
        _made.TryGetValue(key, out Made? made) && ReferenceEquals(made!.Read, read) ? made.Document : null;

    private sealed record Made(object Read, FeedDocument Document);
}
