using System.Data;
using System.Text.Json;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace BackendGuide.Eventing.Caching;

/// <summary>
/// Makes the body of an answer and names what it was made of.
/// </summary>
/// <param name="snapshot">REPEATABLE READ: everything in it is of one moment.</param>
/// <param name="cancellationToken">The load's own: who waits for it may come and go.</param>
public delegate Task<LoadedAnswer> LoadAnswer(NpgsqlTransaction snapshot, CancellationToken cancellationToken);

/// <summary>How a service's routes read: through the cache, with what the gateway has to know of each answer in its headers.</summary>
public sealed class CachedReads
{
    private static readonly TimeSpan LoadLimit = TimeSpan.FromSeconds(8); // the gateway gives up after 10

    private readonly NpgsqlDataSource _database;
    private readonly AnswerCache _cache;
    private readonly ServicePositions _positions;
    private readonly TimeProvider _time;

    internal CachedReads(NpgsqlDataSource database, AnswerCache cache, ServicePositions positions, TimeProvider time) =>
        (_database, _cache, _positions, _time) = (database, cache, positions, time);

    /// <summary>The answer to a request, at least as new as the request asks for; null where there is none.</summary>
    /// <param name="request">Its <c>After-Change</c> has been waited for by the route's filter.</param>
    /// <param name="key">Names the answer, its representation and its parameters.</param>
    /// <param name="load">Reads it.</param>
    /// <exception cref="NpgsqlException">It is not cached, and the database does not answer.</exception>
    public async Task<Representation?> ReadAsync(HttpRequest request, string key, LoadAnswer load)
    {
        ArgumentNullException.ThrowIfNull(request);
        var answer = await _cache.GetAsync(key, NotBefore(request), () => LoadAsync(load), request.HttpContext.RequestAborted);
        if (answer.MayBeKept)
        {
            AnswerHeaders.Set(request.HttpContext.Response, answer, _time.GetUtcNow()); // without them the gateway keeps nothing either
        }
        return answer.Body;
    }

    /// <summary>A page of a list, as <see cref="ReadAsync"/> reads an answer.</summary>
    /// <typeparam name="T">What the list has.</typeparam>
    /// <param name="request">The request.</param>
    /// <param name="key">Names the page, with all that it depends on in the request.</param>
    /// <param name="tags">What evicts the list.</param>
    /// <param name="load">Reads the page.</param>
    /// <param name="json">How it is written.</param>
    public async Task<Representation> ReadListAsync<T>(
        HttpRequest request,
        string key,
        IReadOnlyList<string> tags,
        Func<NpgsqlTransaction, CancellationToken, Task<Page<T>>> load,
        JsonSerializerOptions json
    )
    {
        var read = await ReadAsync(
            request,
            key,
            async (snapshot, cancellationToken) =>
            {
                var page = await load(snapshot, cancellationToken);
                var body = JsonSerializer.SerializeToUtf8Bytes(page, json);
                var list = Representation.Create(0, body, MediaTypes.Json, default) with { Next = page.Next };
                return new LoadedAnswer(list, tags);
            }
        );
        return read!; // a list may be empty, and is always there
    }

    private async Task<CachedAnswer> LoadAsync(LoadAnswer load)
    {
        using var limit = new CancellationTokenSource(LoadLimit, _time);
        try
        {
            return await LoadAsync(load, limit.Token);
        }
        catch (OperationCanceledException e)
        {
            throw new NpgsqlException($"The database took longer than {LoadLimit.TotalSeconds} s.", new TimeoutException(e.Message, e));
        }
    }

    private async Task<CachedAnswer> LoadAsync(LoadAnswer load, CancellationToken limit)
    {
        await using var connection = await _database.OpenConnectionAsync(limit);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, limit);
        var (since, seen) = await _positions.ReadAsync(snapshot, limit);
        var loadedAt = _time.GetUtcNow();
        var loaded = await load(snapshot, limit);
        return new CachedAnswer(loaded.Body, loaded.Tags, since, since, loadedAt) { Seen = seen, MayBeKept = loaded.MayBeKept };
    }

    private static ChangeCursor NotBefore(HttpRequest request) =>
        Read(request, AnswerHeaders.NotBefore).Later(Read(request, ChangeCursorExtensions.AfterChangeHeader));

    private static ChangeCursor Read(HttpRequest request, string header) =>
        request.Headers.TryGetValue(header, out var text) && ChangeCursor.TryParse(text.ToString(), out var cursor)
            ? cursor
            : ChangeCursor.Start;
}
