using BackendGuide.Contracts;
using BackendGuide.Eventing.Caching;
using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>How it ends: everything arrives, and everything is read.</summary>
internal sealed partial class Simulation
{
    /// <summary>Everything that is under way arrives, and what was lost is noticed.</summary>
    private void Deliver()
    {
        Trace("everything is delivered");
        for (var index = 0; index < _listeners.Length; index++)
        {
            if (!_listeners[index].IsConnected)
            {
                _listeners[index].Connect();
            }
        }
        for (var position = _database.Contiguous + 1; position <= _database.CareerHead; position++)
        {
            if (!_database.IsTaken(position))
            {
                _database.Apply(position);
            }
            Commit(position, _database.Parked.Contains(position) ? null : _database.CareerChanges[position]);
        }
        while (_committed.Count > 0)
        {
            TryAnnounce();
        }
        while (_relayed < _database.Changes.Count)
        {
            TryRelay();
        }
        Beat(_instances[_leader]);
        Settle();
        for (var i = 0; i < 3; i++)
        {
            foreach (var listener in _listeners.Where(listener => !listener.HasBegun))
            {
                listener.Begin(_database.Positions);
                Trace($"{listener} begins: {listener.HasBegun}");
            }
            Pass(Milliseconds(2_100));
            Settle();
        }
    }

    private void CheckAll()
    {
        foreach (var instance in _instances.Concat(_instances))
        {
            foreach (var key in ModelDatabase.Keys)
            {
                Begin(CheckAsync(instance, key));
                Settle();
            }
        }
        Faults.AddRange(_reads.Where(read => read.IsFaulted).Select(read => $"a read failed: {read.Exception!.GetBaseException()}"));
        if (_reads.Any(read => !read.IsCompleted))
        {
            Faults.Add("a read never ends");
        }
    }

    private async Task CheckAsync(SimulatedListener instance, string key)
    {
        var answer = await ReadAsync(instance, key, ChangeCursor.Start, atLeast: null);
        if (!answer.Versions.SequenceEqual(_database.Read(key)))
        {
            StaleAtTheEnd++;
            Faults.Add($"{key} at {instance} is stale: {Text(answer.Versions)}, not {Text(_database.Read(key))}");
        }
    }

    private void Settle()
    {
        do
        {
            for (var from = 0; from < _instances.Length; from++)
            {
                for (var to = 0; to < _listeners.Length; to++)
                {
                    while (_listeners[to].IsConnected && _underWay[from, to].TryDequeue(out var announcement))
                    {
                        Trace($"{_listeners[to]} hears {announcement}");
                        _listeners[to].Take(announcement);
                    }
                }
            }
            while (TryResume()) { }
            SettleRedis();
        } while (_paused.Count > 0 || _pump.Ready > 0);
    }

    private void SettleRedis()
    {
        do
        {
            while (TryGoOn()) { }
            foreach (var instance in _instances)
            {
                while (instance.Redis.TryDequeue(out var command))
                {
                    if (!command.IsDone)
                    {
                        command.Do();
                    }
                    command.Answer();
                }
            }
        } while (_pump.Ready > 0);
    }
}
