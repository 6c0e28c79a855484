using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>Who reads, and what they must not be given.</summary>
internal sealed partial class Simulation
{
    /// <summary>Reads what must not be older than the instance has heard of, and than it has to be.</summary>
    private async Task<SimulatedAnswer> ReadAsync(SimulatedListener instance, string key, ChangeCursor notBefore, long[]? atLeast)
    {
        Reads++;
        var number = Reads;
        Trace($"read {number} of {key} at {instance}, at least {Text(atLeast ?? [])}");
        var heard = ModelDatabase.Answers[key].Select(tag => instance.Heard.GetValueOrDefault(tag)).ToArray();
        var answer = await instance.Cache!.GetAsync(key, notBefore, () => LoadAsync(number, key));
        var versions = VersionsIn(answer.Tags[^1]);
        Trace($"read {number} of {key} at {instance}: {Text(versions)}, read at {Text(answer.Since)}, holds {Text(answer.Holds)}");
        Expect(versions, heard, $"read {number} of {key} at {instance} is older than what it had heard of");
        Expect(versions, atLeast ?? [], $"read {number} of {key} at {instance} is older than its cursor");
        return new SimulatedAnswer(answer.Since, versions, VersionsIn(answer.Tags[^2]));
    }

    private async Task ReadAgainAsync(SimulatedReader reader, string key)
    {
        reader.IsReading = true;
        reader.See(key, await ReadAsync(reader.Instance, key, reader.Since, reader.Seen(key)));
        reader.IsReading = false;
    }

    // As the gateway: not before what it has given out, and has heard of since.
    private async Task ReadAtGatewayAsync(string key)
    {
        var instance = Pick(_instances);
        if (!_given.TryGetValue(key, out var given))
        {
            _given[key] = await ReadAsync(instance, key, ChangeCursor.Start, atLeast: null);
            return;
        }
        var notBefore = Later(given.Since, _gateway.Ledger.FloorOf(By, ModelDatabase.Answers[key]));
        var heard = ModelDatabase.Answers[key].Select(tag => _gateway.Heard.GetValueOrDefault(tag));
        var atLeast = heard.Zip(given.AtSince, Math.Max).ToArray();
        var answer = await ReadAsync(instance, key, notBefore, atLeast);
        if (!_given[key].Since.IsAtLeast(answer.Since))
        {
            _given[key] = answer;
        }
    }

    // Which of two histories is over nobody can tell by their positions: then only the database will do.
    private static ChangeCursor Later(ChangeCursor given, ChangeCursor floor)
    {
        var later = given.Later(floor);
        foreach (var source in ChangeCursor.Sources)
        {
            if (given.Of(source) is { } one && floor.Of(source) is { } other && one.Epoch != other.Epoch)
            {
                later = later.With(source, new FeedPosition(Guid.Empty, long.MaxValue));
            }
        }
        return later;
    }

    /// <summary>The database's snapshot is of one moment; the way there and back takes as long as it likes.</summary>
    private async Task<CachedAnswer> LoadAsync(int number, string key)
    {
        Loads++;
        await PauseAsync();
        var (since, versions, atPositions) = (_database.Positions, _database.Read(key), _database.AtPositions(key));
        var loadedAt = _time.GetUtcNow();
        Trace($"load for read {number} of {key}: {Text(versions)} at {Text(since)}");
        await PauseAsync();
        // The versions go with it as tags that nobody evicts; every fourth of a guide is a 404.
        string[] tags = [.. ModelDatabase.Answers[key], Text(atPositions), Text(versions)];
        return new CachedAnswer(versions[0] % 4 == 3 && key != "list" ? null : s_body, tags, since, since, loadedAt);
    }

    private Task PauseAsync()
    {
        var pause = new TaskCompletionSource();
        _paused.Add(pause);
        return pause.Task;
    }

    private void Expect(long[] versions, long[] atLeast, string otherwise)
    {
        if (versions.Zip(atLeast).Any(pair => pair.First < pair.Second))
        {
            Faults.Add($"{otherwise}: {Text(versions)}, not {Text(atLeast)}");
            Trace(Faults[^1]);
        }
    }
}
