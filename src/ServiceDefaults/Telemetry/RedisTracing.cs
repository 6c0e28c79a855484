using System.Diagnostics;
using System.Net;
using System.Runtime.CompilerServices;
using StackExchange.Redis;
using StackExchange.Redis.Profiling;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// Each Redis command as a span. The client has no activity source, only a profiler that collects commands in a session: here
/// every activity gets a session of its own, and when the activity stops, its commands become its children.
/// </summary>
/// <remarks>A command that outlives its activity (fire and forget) may be missing from the trace.</remarks>
internal sealed class RedisTracing : IDisposable
{
    public const string SourceName = "BackendGuide.Redis";

    private readonly ActivitySource _source = new(SourceName);
    private readonly ConditionalWeakTable<Activity, ProfilingSession> _sessions = [];
    private readonly ActivityListener _listener;

    public RedisTracing()
    {
        // Without a Sample callback a listener causes no activity: it only hears of those that others wanted.
        _listener = new ActivityListener { ShouldListenTo = source => source.Name != SourceName, ActivityStopped = Emit };
        ActivitySource.AddActivityListener(_listener);
    }

    public void Watch(IConnectionMultiplexer redis) => redis.RegisterProfiler(CurrentSession);

    public void Dispose()
    {
        _listener.Dispose();
        _source.Dispose();
    }

    private ProfilingSession? CurrentSession() =>
        Activity.Current is { IsAllDataRequested: true, IsStopped: false } activity && _source.HasListeners()
            ? _sessions.GetValue(activity, static _ => new ProfilingSession())
            : null;

    private void Emit(Activity parent)
    {
        if (!_sessions.TryGetValue(parent, out var session))
        {
            return;
        }
        _sessions.Remove(parent);
        foreach (var command in session.FinishProfiling())
        {
            using var span = _source.StartActivity(
                command.Command,
                ActivityKind.Client,
                parent.Context,
                Tags(command),
                startTime: new DateTimeOffset(command.CommandCreated)
            );
            span?.SetEndTime(command.CommandCreated + command.ElapsedTime);
        }
    }

    private static IEnumerable<KeyValuePair<string, object?>> Tags(IProfiledCommand command)
    {
        yield return new("db.system.name", "redis");
        yield return new("db.operation.name", command.Command);
        yield return new("db.namespace", command.Db.ToString(System.Globalization.CultureInfo.InvariantCulture));
        if (command.EndPoint is DnsEndPoint or IPEndPoint)
        {
            var (host, port) = command.EndPoint is DnsEndPoint dns
                ? (dns.Host, dns.Port)
                : (((IPEndPoint)command.EndPoint).Address.ToString(), ((IPEndPoint)command.EndPoint).Port);
            yield return new("server.address", host);
            yield return new("server.port", port);
        }
    }
}
