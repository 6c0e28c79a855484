using BackendGuide.FaultTests.Checking;
using BackendGuide.FaultTests.Load;
using Npgsql;

namespace BackendGuide.FaultTests.Rig;

/// <summary>What the system's databases and its bus record from now on: one run's part of it.</summary>
internal sealed class Window
{
    private readonly TestedSystem _system;
    private readonly IReadOnlyList<(SourceDatabases Source, SourceMark From)> _marks;
    private readonly AnnouncementMark _announced;

    private Window(TestedSystem system, IReadOnlyList<(SourceDatabases Source, SourceMark From)> marks, AnnouncementMark announced)
    {
        _system = system;
        _marks = marks;
        _announced = announced;
    }

    public static async Task<Window> OpenAsync(TestedSystem system, CancellationToken cancellationToken)
    {
        var announced = system.Announcements.Mark(); // before: what is announced after a mark is to be in it
        List<(SourceDatabases, SourceMark)> marks = [];
        foreach (var source in system.Sources)
        {
            marks.Add((source, await source.MarkAsync(cancellationToken)));
        }
        return new Window(system, marks, announced);
    }

    /// <summary>The changes of all copies; none while PostgreSQL is away.</summary>
    public async Task<IReadOnlyList<Effect>> ReadEffectsAsync(CancellationToken cancellationToken)
    {
        List<Effect> effects = [];
        foreach (var (source, from) in _marks)
        {
            try
            {
                effects.AddRange(await source.ReadEffectsAsync(from, cancellationToken));
            }
            catch (NpgsqlException)
            {
                return []; // away, and that is the fault that is being tried
            }
        }
        return effects;
    }

    /// <summary>True when every committed event has come to the probe, been taken by the other service and been announced by both.</summary>
    public async Task<bool> IsDrainedAsync(CancellationToken cancellationToken)
    {
        var announced = _system.Announcements.HeardSince(_announced);
        var delivered = _system.Probe.Deliveries.ToLookup(delivery => delivery.Source, delivery => delivery.Position);
        foreach (var (source, from) in _marks)
        {
            var head = await source.ReadHeadAsync(cancellationToken);
            var isTaken = await source.ReadContiguousAsync(cancellationToken) >= head;
            if (!isTaken || delivered[source.Source].Where(position => position > from.Position).Distinct().Count() < head - from.Position)
            {
                return false;
            }
            if (announced is not null && Announcement.Missing(announced, source.Source, from.Position, head).Any())
            {
                return false;
            }
        }
        return true;
    }

    /// <summary>All that there is to judge, after the drain.</summary>
    public async Task<Observation> ReadAsync(IReadOnlyList<SentWrite> writes, CancellationToken cancellationToken)
    {
        List<SourceRecords> records = [];
        List<SetAside> aside = await ReadDeadLettersAsync(cancellationToken);
        foreach (var (source, from) in _marks)
        {
            var served = await Reader.ReadAllAsync(_system.Client, source.Source, cancellationToken);
            records.Add(await source.ReadAsync(from, cancellationToken) with { Served = served });
            aside.AddRange(await source.ReadSetAsideAsync(cancellationToken));
        }
        return new Observation(writes, _system.Probe.Deliveries, records)
        {
            Announcements = _system.Announcements.HeardSince(_announced),
            SetAside = aside,
        };
    }

    private async Task<List<SetAside>> ReadDeadLettersAsync(CancellationToken cancellationToken)
    {
        string[] dead =
        [
            .. (await _system.Broker.ListQueuesAsync(cancellationToken)).Where(queue => queue.EndsWith(".dead", StringComparison.Ordinal)),
        ];
        var counts = await _system.Broker.TryCountAsync(dead, cancellationToken);
        return counts is { Count: > 0 }
            ? [.. counts.Select(queue => new SetAside(queue.Key, queue.Value.Messages))]
            : throw new InvalidOperationException("The broker does not show its dead-letter queues.");
    }
}
