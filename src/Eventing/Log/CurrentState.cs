using Npgsql;

namespace BackendGuide.Eventing.Log;

/// <summary>A resource as it is now, in the form of the event that its last change was.</summary>
/// <param name="Type">The CloudEvents type.</param>
/// <param name="Subject">The resource, relative to <c>/api/v1</c>.</param>
/// <param name="Version">The row's version.</param>
/// <param name="Time">Its last change, UTC.</param>
/// <param name="Data">What the event carries.</param>
public sealed record CurrentState(string Type, string Subject, long Version, DateTime Time, object Data);

/// <summary>
/// Reads every resource that the service publishes, what was withdrawn included, from the service's own tables: it is what consumers make
/// their copies anew from, and compare them with.
/// </summary>
/// <param name="snapshot">A REPEATABLE READ transaction.</param>
/// <param name="cancellationToken">The reader has gone.</param>
public delegate IAsyncEnumerable<CurrentState> ReadCurrentState(NpgsqlTransaction snapshot, CancellationToken cancellationToken);
