using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>What can happen next.</summary>
internal sealed partial class Simulation
{
    private bool TryGoOn()
    {
        if (_pump.Ready == 0)
        {
            return false;
        }
        _pump.Go(_random.Next(_pump.Ready));
        return true;
    }

    private bool TryResume()
    {
        if (_paused.Count == 0)
        {
            return false;
        }
        Take(_paused).SetResult();
        return true;
    }

    private bool TryRedis()
    {
        var instance = Pick(_instances);
        if (
            instance.Redis.FirstOrDefault(command => !command.IsDone) is { } waiting
            && (_random.Next(2) == 0 || waiting == instance.Redis.Peek())
        )
        {
            waiting.Do();
            return true;
        }
        if (instance.Redis.Count == 0)
        {
            return false;
        }
        instance.Redis.Dequeue().Answer();
        return true;
    }

    private bool TryRead()
    {
        if (_reads.Count(read => !read.IsCompleted) >= MostReads)
        {
            return false;
        }
        if (_random.Next(2) == 0)
        {
            var reader = Pick(_readers);
            if (reader.IsReading)
            {
                return false;
            }
            Begin(ReadAgainAsync(reader, Pick(ModelDatabase.Keys)));
            return true;
        }
        var key = Pick(ModelDatabase.Keys);
        if (_random.Next(2) == 0)
        {
            Begin(ReadAsync(Pick(_instances), key, ChangeCursor.Start, atLeast: null));
        }
        else
        {
            Begin(ReadAsync(Pick(_instances), key, _database.Positions, _database.AtPositions(key)));
        }
        return true;
    }

    private bool TryReadAtGateway()
    {
        if (_reads.Count(read => !read.IsCompleted) >= MostReads)
        {
            return false;
        }
        Begin(ReadAtGatewayAsync(Pick(ModelDatabase.Keys)));
        return true;
    }

    private bool TryWrite()
    {
        if (_database.Changes.Count >= MostWrites)
        {
            return false;
        }
        _database.Write(_random.Next(2) == 0 ? "guide:a" : "guide:b");
        var (position, change) = (_database.Changes.Count, _database.Changes[^1]);
        Trace($"commit {position}: {change[0]}");
        if (_random.Next(2) == 0)
        {
            // Whoever wrote knows it at once.
            var (writer, tags) = (Pick(_instances), change.Select(one => one.Tag).ToArray());
            writer.Ledger.Evict(By, EventSources.Content, new FeedPosition(_database.Epoch, position), tags);
            writer.Knows(change);
            Trace($"{writer} wrote {position}");
        }
        return true;
    }

    private bool TryWriteCareer()
    {
        if (_database.CareerHead >= MostWrites)
        {
            return false;
        }
        _database.WriteCareer(Pick(ModelDatabase.Careers));
        return true;
    }

    private bool TryApply()
    {
        var position = _database.Contiguous + 1 + _random.Next(3);
        if (_random.Next(6) == 0)
        {
            // Once more: whoever did it may have ended before it was announced.
            position = _random.NextInt64(1, _database.CareerHead + 1);
            if (!_database.CareerChanges.ContainsKey(position) || !_database.IsTaken(position))
            {
                return false;
            }
            Commit(position, _database.Parked.Contains(position) ? null : _database.CareerChanges[position]);
            return true;
        }
        if (!_database.CareerChanges.TryGetValue(position, out var change) || _database.IsTaken(position))
        {
            return false;
        }
        if (_random.Next(6) == 0)
        {
            _database.Park(position);
            Trace($"park {position}");
            Commit(position, null);
            return true;
        }
        _database.Apply(position);
        Trace($"apply {position}: {change}");
        Commit(position, change);
        return true;
    }

    private bool TryAnnounce()
    {
        if (_committed.Count == 0)
        {
            return false;
        }
        var (from, announce) = Take(_committed);
        Announce(from, announce());
        return true;
    }

    private bool TryRelay()
    {
        if (_random.Next(10) == 0)
        {
            // Another instance leads, and begins where the cursor was.
            (_leader, _relayed) = (_random.Next(_instances.Length), Math.Max(0, _relayed - _random.Next(4)));
            return true;
        }
        var count = Math.Min(_random.Next(1, 4), _database.Changes.Count - _relayed);
        if (count == 0)
        {
            return false;
        }
        var truth = _database.Changes.Skip(_relayed).Take(count).SelectMany(change => change).ToArray();
        var tags = truth.Select(change => change.Tag).Distinct().ToArray();
        var (first, last) = (_relayed + 1, _relayed + count);
        _relayed = last;
        Announce(_leader, new Announcement(new Eviction(By, EventSources.Content, _database.Epoch, first, last, tags, []), truth));
        return true;
    }

    private bool TryDeliver()
    {
        var (from, to) = (_random.Next(_instances.Length), _random.Next(_listeners.Length));
        var (waiting, listener) = (_underWay[from, to], _listeners[to]);
        if (waiting.Count == 0 || !listener.IsConnected)
        {
            return false;
        }
        var announcement = waiting.Peek();
        var draw = _random.Next(20);
        if (draw > 0)
        {
            waiting.Dequeue(); // else it comes again
        }
        if (draw == 1 && announcement.IsMissedWhenLost)
        {
            Trace($"{listener} loses {announcement}");
            return true;
        }
        Trace($"{listener} hears {announcement}");
        listener.Take(announcement);
        return true;
    }

    private bool TryBeat()
    {
        Beat(Pick(_instances));
        return true;
    }

    private bool TryConnect()
    {
        var index = _random.Next(_listeners.Length);
        var listener = _listeners[index];
        if (!listener.IsConnected)
        {
            listener.Connect();
            Trace($"{listener} listens");
        }
        else if (listener.HasBegun)
        {
            Disconnect(index);
        }
        else if (!_beginning.Remove(index, out var positions))
        {
            _beginning[index] = _database.Positions; // they are on their way
        }
        else
        {
            listener.Begin(positions);
            Trace($"{listener} begins: {listener.HasBegun}");
        }
        return true;
    }

    private bool TryRareFault()
    {
        switch (_random.Next(8))
        {
            case 0:
                _redis.Restart();
                Trace("Redis is restarted");
                return true;
            case 1:
                _database.Resync();
                Trace($"the copy is made anew, {_database.CareerEpoch.ToString()[..4]} {_database.Contiguous}");
                var (truth, epoch, reached) = (CareersNow(), _database.CareerEpoch, _database.Contiguous);
                Commit(() => new Announcement(Behind(epoch, reached, Eviction.Everything), truth));
                return true;
            case 2 or 3 when Pick(_instances) is { Redis.Count: > 0 } instance:
                instance.Redis.Dequeue().Fail();
                Trace($"{instance} cannot reach Redis");
                return true;
            case > 3 when _database.Parked.Count > 0:
                var position = _database.Parked.ElementAt(_random.Next(_database.Parked.Count));
                var change = _database.CareerChanges[position];
                _database.Apply(position);
                Trace($"redrive {position}: {change}");
                var now = (_database.CareerEpoch, _database.Contiguous);
                Commit(() => new Announcement(Behind(now.CareerEpoch, now.Contiguous, change.Tag), [change]));
                return true;
            default:
                return false;
        }
    }

    private bool TryPassTime()
    {
        TimeSpan[] spans =
        [
            Milliseconds(5),
            Milliseconds(40),
            Milliseconds(40),
            Milliseconds(700),
            Milliseconds(2_100),
            Milliseconds(5_100),
        ];
        Pass(Pick(spans));
        return true;
    }

    private void Commit(long position, TagVersion? change)
    {
        string[] tags = change is { } changed ? [changed.Tag] : [];
        var eviction = new Eviction(By, EventSources.Career, _database.CareerEpoch, position, position, tags, []);
        Commit(() => new Announcement(eviction, change is { } truth ? [truth] : []));
    }

    private void Commit(Func<Announcement> announce) => _committed.Add((_random.Next(_instances.Length), announce));

    private static Eviction Behind(Guid epoch, long reached, string tag) =>
        new(By, EventSources.Career, epoch, reached + 1, reached, [tag], []);

    private TagVersion[] CareersNow() => [.. ModelDatabase.Careers.Select(tag => new TagVersion(tag, _database.VersionOf(tag)))];

    private void Announce(int from, Announcement announcement)
    {
        Trace($"announce {announcement}");
        for (var to = 0; to < _listeners.Length; to++)
        {
            if (_listeners[to].IsConnected || !announcement.IsMissedWhenLost)
            {
                _underWay[from, to].Enqueue(announcement);
            }
        }
    }

    private void Beat(SimulatedListener announcer)
    {
        var from = Array.IndexOf(_instances, announcer);
        if (from == _leader)
        {
            Announce(from, new Announcement(Eviction.Heartbeat(By, EventSources.Content, _database.Epoch, _relayed), []));
        }
        Announce(from, new Announcement(Eviction.Heartbeat(By, EventSources.Career, _database.CareerEpoch, _database.Contiguous), []));
    }

    // What has no position of its own is not missed, and ages instead: that it is lost too is another test's.
    private void Disconnect(int index)
    {
        _listeners[index].Disconnect();
        _beginning.Remove(index);
        Trace($"{_listeners[index]} is cut off");
        for (var from = 0; from < _instances.Length; from++)
        {
            _underWay[from, index] = new Queue<Announcement>(_underWay[from, index].Where(one => !one.IsMissedWhenLost));
        }
    }

    private void Pass(TimeSpan span)
    {
        if (span > Milliseconds(50) && _random.Next(4) > 0)
        {
            SettleRedis(); // or it is given up
        }
        _time.Advance(span);
        foreach (var listener in _listeners.Where(listener => listener.IsConnected && listener.FindLosses()))
        {
            Trace($"{listener} notices a loss");
        }
        Trace($"{span.TotalMilliseconds} ms pass");
    }

    private void Begin(Task read) => _reads.Add(read);
}
