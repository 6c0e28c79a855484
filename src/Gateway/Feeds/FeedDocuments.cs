using BackendGuide.Gateway.Caching;
using Microsoft.Extensions.Caching.Memory;

namespace BackendGuide.Gateway.Feeds;

/// <summary>The feeds: one is made once of a list of guides for all who ask for it at an address, and coded once in each coding.</summary>
internal sealed class FeedDocuments : IDisposable
{
    // Where the address is the request's own, anybody may ask for as many as he likes.
    private const long MostBytes = 16L << 20;

    private readonly MemoryCache _made = new(new MemoryCacheOptions { SizeLimit = MostBytes });
    private readonly Lock _gate = new();

    /// <summary>A feed.</summary>
    /// <param name="path">Which one.</param>
    /// <param name="origin">What its addresses begin with.</param>
    /// <param name="list">What it is of: another answer, although it may say the same, makes another feed.</param>
    /// <param name="write">Makes it.</param>
    public FeedDocument Get(string path, string origin, ServiceAnswer list, Func<FeedDocument> write)
    {
        var key = (path, origin);
        if (Find(key, list) is { } made)
        {
            return made;
        }
        lock (_gate)
        {
            if (Find(key, list) is { } meanwhile)
            {
                return meanwhile;
            }
            var document = write();
            // With the list, and about as much again for its coded forms.
            var options = new MemoryCacheEntryOptions
            {
                Size = list.Size + (2L * document.Length) + (2 * origin.Length),
                AbsoluteExpirationRelativeToNow = KeptAnswers.Limit,
            };
            return _made.Set(key, new Made(list, document), options).Document;
        }
    }

    public void Dispose() => _made.Dispose();

    private FeedDocument? Find((string, string) key, ServiceAnswer list) =>
        _made.TryGetValue(key, out Made? made) && ReferenceEquals(made!.List, list) ? made.Document : null;

    private sealed record Made(ServiceAnswer List, FeedDocument Document);
}
