using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using StackExchange.Redis;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>
/// What the scripts of <see cref="Eventing.Caching.SharedAnswers"/> do in Redis, in plain words: <see cref="SharedAnswersModelTests"/> holds it
/// to the real ones.
/// </summary>
internal sealed partial class ModelRedis
{
    private readonly Dictionary<string, (RedisValue Data, string Since, string Tags)> _answers = [];
    private readonly Dictionary<string, Dictionary<string, (string Epoch, long Position)>> _floors = [];
    private readonly Dictionary<string, (string Epoch, long Position)> _head = [];

    /// <summary>How many answers were found.</summary>
    public int Found { get; private set; }

    /// <summary>A connection.</summary>
    /// <param name="send">How a command gets here, and its answer back.</param>
    public IConnectionMultiplexer Connect(Func<Func<RedisResult>, Task<RedisResult>> send)
    {
        var database = DispatchProxy.Create<IDatabase, AnsweringProxy>();
        ((AnsweringProxy)(object)database).Answer = args => send(() => Run((RedisKey[])args[1]!, (RedisValue[])args[2]!));
        var connection = DispatchProxy.Create<IConnectionMultiplexer, AnsweringProxy>();
        ((AnsweringProxy)(object)connection).Answer = _ => database;
        return connection;
    }

    /// <summary>It was restarted, and keeps nothing on disk.</summary>
    public void Restart()
    {
        _answers.Clear();
        _floors.Clear();
        _head.Clear();
    }

    // The scripts are told apart by how much they are given.
    private RedisResult Run(RedisKey[] keys, RedisValue[] values) =>
        (keys.Length, values.Length) switch
        {
            (2, 1) => Read(keys[0]!, values[0]!),
            (1, 5) => Keep(keys[0]!, values[0]!, values[1], values[2]!, values[3]!),
            (1, 8) => Raise(values),
            _ => throw new InvalidOperationException("There is no such script."),
        };

    private RedisResult Read(string key, string floors)
    {
        if (!_answers.TryGetValue(key, out var answer) || !IsAtFloors(floors, answer.Since, answer.Tags))
        {
            return RedisResult.Create(RedisValue.Null);
        }
        Found++;
        var holds = Positions(answer.Since);
        foreach (var (source, head) in _head)
        {
            if (holds.TryGetValue(source, out var there) && there.Epoch == head.Epoch && there.Position < head.Position)
            {
                holds[source] = head;
            }
        }
        var text = string.Join(' ', holds.Select(one => $"{one.Key} {one.Value.Epoch} {one.Value.Position}"));
        return RedisResult.Create(new RedisValue[] { answer.Data, answer.Since, answer.Tags, text });
    }

    private RedisResult Keep(string key, string floors, RedisValue data, string since, string tags)
    {
        var read = Positions(since);
        var isOlder =
            _answers.TryGetValue(key, out var old)
            && Positions(old.Since)
                .Any(one =>
                    read.TryGetValue(one.Key, out var there) && there.Epoch == one.Value.Epoch && there.Position < one.Value.Position
                );
        if (isOlder || !IsAtFloors(floors, since, tags))
        {
            return RedisResult.Create(0);
        }
        _answers[key] = (data, since, tags);
        return RedisResult.Create(1);
    }

    private RedisResult Raise(RedisValue[] values)
    {
        var (source, epoch) = ((string)values[1]!, (string)values[2]!);
        var (floor, coveredFrom, reached) = ((long)values[3], (long)values[6], (long)values[7]);
        foreach (var tag in ((string)values[5]!).Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            if (!_floors.TryGetValue(values[0] + tag, out var floors))
            {
                _floors[values[0] + tag] = floors = [];
            }
            if (!floors.TryGetValue(source, out var there) || there.Epoch != epoch || there.Position < floor)
            {
                floors[source] = (epoch, floor);
            }
        }
        var head = _head.GetValueOrDefault(source);
        if ((head.Epoch != epoch || head.Position < reached) && (coveredFrom == 0 || (head.Epoch == epoch && head.Position >= coveredFrom)))
        {
            _head[source] = (epoch, reached);
        }
        return RedisResult.Create(1);
    }

    private bool IsAtFloors(string prefix, string since, string tags)
    {
        var read = Positions(since);
        return tags.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Append("*")
            .SelectMany(tag => _floors.TryGetValue(prefix + tag, out var floors) ? floors : [])
            .All(floor =>
                read.TryGetValue(floor.Key, out var there) && there.Epoch == floor.Value.Epoch && there.Position >= floor.Value.Position
            );
    }

    private static Dictionary<string, (string Epoch, long Position)> Positions(string text) =>
        Entry()
            .Matches(text)
            .ToDictionary(
                one => one.Groups[1].Value,
                one => (one.Groups[2].Value, long.Parse(one.Groups[3].Value, CultureInfo.InvariantCulture))
            );

    [GeneratedRegex(@"(\S+) (\S+) (\d+)")]
    private static partial Regex Entry();
}
