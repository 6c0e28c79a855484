using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Threading.Channels;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace BackendGuide.Eventing.Caching;

/// <summary>
/// Answers in Redis. With each goes where it was read and what it was made of, and each eviction leaves a floor for its tags there: both ways
/// in and out are one script each, which Redis runs as one step, so a slow instance can neither put an old answer back nor read one that is
/// being evicted.
/// </summary>
/// <remarks>
/// Every instance raises the floors of all that it hears. How far that has been done without a hole is kept beside them, so that an instance
/// that has just started may use what the others have left: an answer without a higher floor holds up to there. Redis away makes a read slower,
/// never wrong; a floor that could not be raised ends what this instance claims, and it begins anew from where it is then.
/// </remarks>
public sealed class SharedAnswers : BackgroundService, ISharedAnswers, IEvictionObserver
{
    // A read from PostgreSQL takes a few milliseconds: a cache that takes longer than this is none, and is left alone for a while.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LeftAloneFor = TimeSpan.FromSeconds(5);

    // Longer than an answer lives, and the slowest reader takes.
    private static readonly TimeSpan FloorsKept = AnswerCache.TimeToLive * 3;
    private const int MostWaiting = 10_000;

    // KEYS: the answer, the head. ARGV: the prefix of floors. Positions are "source epoch position source epoch position".
    private const string ReadScript = """
        local e = redis.call('HMGET', KEYS[1], 'data', 'since', 'tags')
        if not e[1] then return false end
        local since = {}
        for source, epoch, pos in string.gmatch(e[2], '(%S+) (%S+) (%d+)') do since[source] = {epoch, tonumber(pos)} end
        for tag in string.gmatch('* ' .. e[3], '%S+') do
          local f = redis.call('HGETALL', ARGV[1] .. tag)
          for i = 1, #f, 2 do
            local epoch, pos = string.match(f[i + 1], '(%S+) (%d+)')
            local s = since[f[i]]
            if not s or s[1] ~= epoch or s[2] < tonumber(pos) then return false end
          end
        end
        local holds = {}
        local head = redis.call('HGETALL', KEYS[2])
        for i = 1, #head, 2 do
          local epoch, pos = string.match(head[i + 1], '(%S+) (%d+)')
          local s = since[head[i]]
          if s and s[1] == epoch and s[2] < tonumber(pos) then s[2] = tonumber(pos) end
        end
        for source, s in pairs(since) do holds[#holds + 1] = source .. ' ' .. s[1] .. ' ' .. string.format('%.0f', s[2]) end
        return {e[1], e[2], e[3], table.concat(holds, ' ')}
        """;

    // KEYS: the answer. ARGV: the prefix of floors, data, since, tags, the time to live in ms.
    private const string KeepScript = """
        local since = {}
        for source, epoch, pos in string.gmatch(ARGV[3], '(%S+) (%S+) (%d+)') do since[source] = {epoch, tonumber(pos)} end
        for tag in string.gmatch('* ' .. ARGV[4], '%S+') do
          local f = redis.call('HGETALL', ARGV[1] .. tag)
          for i = 1, #f, 2 do
            local epoch, pos = string.match(f[i + 1], '(%S+) (%d+)')
            local s = since[f[i]]
            if not s or s[1] ~= epoch or s[2] < tonumber(pos) then return 0 end
          end
        end
        local old = redis.call('HGET', KEYS[1], 'since')
        if old then
          for source, epoch, pos in string.gmatch(old, '(%S+) (%S+) (%d+)') do
            local s = since[source]
            if s and s[1] == epoch and s[2] < tonumber(pos) then return 0 end
          end
        end
        redis.call('DEL', KEYS[1])
        redis.call('HSET', KEYS[1], 'data', ARGV[2], 'since', ARGV[3], 'tags', ARGV[4])
        redis.call('PEXPIRE', KEYS[1], ARGV[5])
        return 1
        """;

    // KEYS: the head. ARGV: the prefix of floors, source, epoch, floor, how long floors are kept in ms, tags, from where on this instance has
    // raised all floors (0: long enough ago), up to where.
    private const string RaiseScript = """
        for tag in string.gmatch(ARGV[6], '%S+') do
          local key = ARGV[1] .. tag
          local epoch, pos = string.match(redis.call('HGET', key, ARGV[2]) or '', '(%S+) (%d+)')
          if epoch ~= ARGV[3] or tonumber(pos) < tonumber(ARGV[4]) then redis.call('HSET', key, ARGV[2], ARGV[3] .. ' ' .. ARGV[4]) end
          redis.call('PEXPIRE', key, ARGV[5])
        end
        local epoch, pos = string.match(redis.call('HGET', KEYS[1], ARGV[2]) or '', '(%S+) (%d+)')
        local behind = epoch ~= ARGV[3] or tonumber(pos) < tonumber(ARGV[8])
        local covered = tonumber(ARGV[7]) == 0 or (epoch == ARGV[3] and tonumber(pos) >= tonumber(ARGV[7]))
        if behind and covered then redis.call('HSET', KEYS[1], ARGV[2], ARGV[3] .. ' ' .. ARGV[8]) end
        return 1
        """;

    private readonly IConnectionMultiplexer _redis;
    private readonly string _by;
    private readonly string _prefix;
    private readonly EvictionLedger _ledger;
    private readonly TimeProvider _time;
    private readonly Channel<(Eviction Eviction, FeedPosition? Reached)?> _heard = Channel.CreateBounded<(Eviction, FeedPosition?)?>(
        new BoundedChannelOptions(MostWaiting) { SingleReader = true, FullMode = BoundedChannelFullMode.Wait }
    );
    private readonly Dictionary<string, (FeedPosition From, long At)> _covered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, FeedPosition> _highest = new(StringComparer.Ordinal); // that was to be raised, by its source
    private long _leftAloneSince = long.MinValue;
    private bool _overflown;

    /// <param name="redis">The connection.</param>
    /// <param name="by">The service.</param>
    /// <param name="prefix">The first part of each key.</param>
    /// <param name="ledger">How far this instance has heard.</param>
    /// <param name="time">The clock.</param>
    public SharedAnswers(IConnectionMultiplexer redis, string by, string prefix, EvictionLedger ledger, TimeProvider time) =>
        (_redis, _by, _prefix, _ledger, _time) = (redis, by, $"{{{prefix}}}:", ledger, time);

    /// <inheritdoc />
    public async Task<CachedAnswer?> ReadAsync(string key)
    {
        var found = await AskAsync(database => database.ScriptEvaluateAsync(ReadScript, [Entry(key), Head], [Floors]));
        try
        {
            if (
                found is not { IsNull: false }
                || (RedisValue[]?)found is not [var data, var since, var tags, var holds]
                || EntryFormat.Read(data!) is not var (body, loadedAt, seen)
            )
            {
                return null;
            }
            return new CachedAnswer(body, ((string)tags!).Split(' '), ReadPositions(since!), ReadPositions(holds!), loadedAt)
            {
                Seen = seen,
            };
        }
        catch (Exception e) when (e is FormatException or ArgumentException or IndexOutOfRangeException or InvalidCastException)
        {
            return null; // of somebody else's making
        }
    }

    /// <inheritdoc />
    public Task KeepAsync(string key, CachedAnswer answer, TimeSpan timeToLive)
    {
        ArgumentNullException.ThrowIfNull(answer);
        if (answer.Body is null)
        {
            return Task.CompletedTask; // it lives for a moment, and costs little to make again
        }
        return AskAsync(database =>
            database.ScriptEvaluateAsync(
                KeepScript,
                [Entry(key)],
                [
                    Floors,
                    EntryFormat.Write(answer.Body, answer.LoadedAt, answer.Seen),
                    Write(answer.Since),
                    string.Join(' ', answer.Tags),
                    (long)timeToLive.TotalMilliseconds,
                ]
            )
        );
    }

    /// <inheritdoc />
    public void Begun(string by, ChangeCursor positions) => BeginAnew();

    /// <inheritdoc />
    public void Lost(string by) => BeginAnew();

    /// <inheritdoc />
    public void Heard(Eviction eviction)
    {
        ArgumentNullException.ThrowIfNull(eviction);
        if (eviction.By == _by)
        {
            Enqueue((eviction, _ledger.Reached(_by).Of(eviction.Source)));
        }
    }

    /// <summary>Raises floors for as long as the service runs; what cannot be raised is not claimed.</summary>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => RaiseWhatIsHeardAsync(stoppingToken);

    internal async Task RaiseWhatIsHeardAsync(CancellationToken stoppingToken)
    {
        while (await _heard.Reader.WaitToReadAsync(stoppingToken))
        {
            while (_heard.Reader.TryRead(out var heard))
            {
                if (heard is null)
                {
                    _covered.Clear();
                }
                if (heard is var (eviction, reached) && !await RaiseAsync(eviction, reached))
                {
                    _covered.Clear();
                }
            }
        }
    }

    private void BeginAnew() => Enqueue(null);

    // One caller at a time. What finds no room is missing from there on: so that is said first when there is room again.
    private void Enqueue((Eviction Eviction, FeedPosition? Reached)? heard)
    {
        _overflown = _overflown && !_heard.Writer.TryWrite(null);
        _overflown = _overflown || !_heard.Writer.TryWrite(heard);
    }

    private async Task<bool> RaiseAsync(Eviction eviction, FeedPosition? heard)
    {
        var highest = HighestOf(eviction);
        if (heard is not { } reached || reached.Epoch != eviction.Epoch)
        {
            return false;
        }
        if (!_covered.TryGetValue(eviction.Source, out var covered) || covered.From.Epoch != eviction.Epoch)
        {
            // Everything that is heard after this goes through here. What came before may have failed, also behind a hole.
            covered = (reached with { Position = Math.Max(reached.Position, highest) }, _time.GetTimestamp());
            _covered[eviction.Source] = covered;
        }
        var isLong = _time.GetElapsedTime(covered.At) > FloorsKept;
        var raised = await AskAsync(database =>
            database.ScriptEvaluateAsync(
                RaiseScript,
                [Head],
                [
                    Floors,
                    eviction.Source,
                    eviction.Epoch.ToString("N"),
                    eviction.Floor,
                    (long)FloorsKept.TotalMilliseconds,
                    string.Join(' ', eviction.Tags),
                    isLong ? 0 : covered.From.Position,
                    reached.Position,
                ]
            )
        );
        return raised is not null;
    }

    private long HighestOf(Eviction eviction)
    {
        var highest = _highest.GetValueOrDefault(eviction.Source);
        var floor = eviction.Tags.Count > 0 ? eviction.Floor : eviction.To;
        if (highest.Epoch != eviction.Epoch || highest.Position < floor)
        {
            _highest[eviction.Source] = highest = new FeedPosition(eviction.Epoch, floor);
        }
        return highest.Position;
    }

    /// <summary>Null where Redis does not answer in time; then it is left alone for 5 s.</summary>
    private async Task<RedisResult?> AskAsync(Func<IDatabase, Task<RedisResult>> ask)
    {
        var since = Interlocked.Read(ref _leftAloneSince);
        if (since != long.MinValue && _time.GetElapsedTime(since) < LeftAloneFor)
        {
            return null;
        }
        try
        {
            return await ask(_redis.GetDatabase()).WaitAsync(Patience, _time);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            Interlocked.Exchange(ref _leftAloneSince, _time.GetTimestamp());
            EventingMetrics.CacheErrors.Add(1);
            return null;
        }
    }

    private RedisKey Head => _prefix + "head";

    private RedisValue Floors => _prefix + "floor:";

    private RedisKey Entry(string key) => $"{_prefix}answer:{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(key)))}";

    private static string Write(ChangeCursor positions) =>
        string.Join(
            ' ',
            from source in ChangeCursor.Sources
            let position = positions.Of(source)
            where position is not null
            select string.Create(CultureInfo.InvariantCulture, $"{source} {position.Value.Epoch:N} {position.Value.Position}")
        );

    private static ChangeCursor ReadPositions(string text)
    {
        var positions = ChangeCursor.Start;
        foreach (var part in text.Split(' ').Chunk(3))
        {
            positions = positions.With(part[0], new FeedPosition(Guid.Parse(part[1]), long.Parse(part[2], CultureInfo.InvariantCulture)));
        }
        return positions;
    }
}
