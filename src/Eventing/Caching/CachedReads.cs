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

/// <summary>Makes the body of an answer of what was asked for, and names what it was made of.</summary>
/// <param name="results">At the first result.</param>
/// <param name="cancellationToken">The load's own: who waits for it may come and go.</param>
public delegate Task<LoadedAnswer> ReadAnswer(NpgsqlDataReader results, CancellationToken cancellationToken);

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
    public Task<Representation?> ReadAsync(HttpRequest request, string key, LoadAnswer load) =>
        ReadAsync(request, key, limit => LoadAsync(load, limit));

    /// <summary>As the other, where all that is to be asked for is known before: it takes one round trip, and is of one moment too.</summary>
    /// <param name="request">Its <c>After-Change</c> has been waited for by the route's filter.</param>
    /// <param name="key">Names the answer, its representation and its parameters.</param>
    /// <param name="ask">What is asked for, each with a result.</param>
    /// <param name="read">Makes the answer of the results.</param>
    /// <exception cref="NpgsqlException">It is not cached, and the database does not answer.</exception>
    public Task<Representation?> ReadAsync(HttpRequest request, string key, Func<NpgsqlBatchCommand[]> ask, ReadAnswer read) =>
        ReadAsync(request, key, limit => LoadAsync(ask(), read, limit));

    /// <summary>A page of a list, read as every answer is.</summary>
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

    private async Task<Representation?> ReadAsync(HttpRequest request, string key, Func<CancellationToken, Task<CachedAnswer>> load)
    {
        ArgumentNullException.ThrowIfNull(request);
        var answer = await _cache.GetAsync(key, NotBefore(request), () => LoadAsync(load), request.HttpContext.RequestAborted);
        if (answer.MayBeKept)
        {
            AnswerHeaders.Set(request.HttpContext.Response, answer, _time.GetUtcNow()); // without them the gateway keeps nothing either
        }
        return answer.Body;
    }

    private async Task<CachedAnswer> LoadAsync(Func<CancellationToken, Task<CachedAnswer>> load)
    {
        using var limit = new CancellationTokenSource(LoadLimit, _time);
        try
        {
            return await load(limit.Token);
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

    private async Task<CachedAnswer> LoadAsync(NpgsqlBatchCommand[] questions, ReadAnswer read, CancellationToken limit)
    {
        var loadedAt = _time.GetUtcNow();
        await using var connection = await _database.OpenConnectionAsync(limit);
        await using var batch = new NpgsqlBatch(connection)
        {
            BatchCommands = { new("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"), _positions.Ask() },
        };
        foreach (var question in questions)
        {
            batch.BatchCommands.Add(question);
        }
        batch.BatchCommands.Add(new("COMMIT"));
        await using var results = await batch.ExecuteReaderAsync(limit);
        var (since, seen) = await _positions.ReadAsync(results, limit);
        await results.NextResultAsync(limit);
        var loaded = await read(results, limit);
        return new CachedAnswer(loaded.Body, loaded.Tags, since, since, loadedAt) { Seen = seen, MayBeKept = loaded.MayBeKept };
    }

    private static ChangeCursor NotBefore(HttpRequest request) =>
        Read(request, AnswerHeaders.NotBefore).Later(Read(request, ChangeCursorExtensions.AfterChangeHeader));

    private static ChangeCursor Read(HttpRequest request, string header) =>
        request.Headers.TryGetValue(header, out var text) && ChangeCursor.TryParse(text.ToString(), out var cursor)
            ? cursor
            : ChangeCursor.Start;
}
