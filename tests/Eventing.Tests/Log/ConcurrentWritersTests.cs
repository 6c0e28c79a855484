using BackendGuide.Eventing.Log;
using BackendGuide.Testing;

namespace BackendGuide.Eventing.Tests.Log;

public sealed class ConcurrentWritersTests(ServersFixture servers)
{
    private const int Writers = 24;
    private static readonly int s_writesEach = Sizes.Pick(quick: 60, full: 460);
    private static readonly int s_events = Sizes.Pick(quick: 1_900, full: 15_000);
    private const int Aggregates = 40;

    private readonly CancellationToken _cancelled = TestContext.Current.CancellationToken;

    private int _attempts;

    [Fact]
    public async Task Feed_UnderConcurrentWritersAndRollbacks_IsDenseCompleteAndInVersionOrder()
    {
        await using var database = await TestDatabase.CreateAsync(servers, _cancelled);
        Guid[] ids = [.. Enumerable.Range(0, Aggregates).Select(_ => Guid.CreateVersion7()).Order()];

        var writing = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => WriteAsync(database.Log, ids, new Random(writer))));
        var followed = await FollowAsync(database.Feed, writing);
        var written = (await writing).Sum();

        Assert.Equal(Writers * s_writesEach, _attempts); // the lock, not luck and a retry, gives each its position
        Assert.InRange(written, s_events, 2 * Writers * s_writesEach);
        Assert.Equal(written, await database.CountAsync("event_log", _cancelled));
        Assert.Equal(Enumerable.Range(1, written).Select(position => (long)position), followed.Select(entry => entry.Position));
        Assert.Equal(written, followed.Select(entry => entry.Event!.Id).Distinct().Count());
        Assert.All(
            followed.GroupBy(entry => entry.AggregateId),
            versions =>
                Assert.Equal(
                    Enumerable.Range(1, versions.Count()).Select(version => $"{version}"),
                    versions.Select(entry => entry.Event!.Sequence)
                )
        );
    }

    // A client that goes on from the last position that it saw, while others write.
    private async Task<List<FeedEntry>> FollowAsync(Feed feed, Task writing)
    {
        List<FeedEntry> followed = [];
        while (true)
        {
            var isLast = writing.IsCompleted;
            var page = await feed.ReadAsync(followed.Count == 0 ? 0 : followed[^1].Position, 100, _cancelled);
            followed.AddRange(page);
            if (isLast && page.Count == 0)
            {
                return followed;
            }
        }
    }

    // One or two events a transaction, the rows always locked in the same order; one transaction in twenty is rolled back.
    private async Task<int> WriteAsync(EventLog log, Guid[] ids, Random random)
    {
        var written = 0;
        for (var i = 0; i < s_writesEach; i++)
        {
            int[] chosen = [.. Enumerable.Range(0, random.Next(1, 3)).Select(_ => random.Next(ids.Length)).Distinct().Order()];
            var isRolledBack = random.Next(20) == 0;
            try
            {
                written += await log.WriteAsync(
                    async (transaction, cancellationToken) =>
                    {
                        Interlocked.Increment(ref _attempts);
                        foreach (var index in chosen)
                        {
                            await Things.SaveAsync(transaction, ids[index], $"Title {i}", cancellationToken);
                            await Task.Delay(random.Next(9), cancellationToken); // it has its number by now, and others overtake it
                        }
                        return isRolledBack ? throw new RolledBackException() : chosen.Length;
                    },
                    _cancelled
                );
            }
            catch (RolledBackException) when (isRolledBack)
            {
                continue;
            }
        }
        return written;
    }

    private sealed class RolledBackException : Exception;
}
