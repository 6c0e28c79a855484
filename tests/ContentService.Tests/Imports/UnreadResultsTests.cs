using System.Text;
using BackendGuide.ContentService.Imports;

namespace BackendGuide.ContentService.Tests.Imports;

public sealed class UnreadResultsTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("backendguide-results-");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData(20260312)]
    public async Task Results_AddedAndTakenAtAnyPace_ComeWholeAndInOrder(int seed)
    {
        var random = new Random(seed);
        using var results = new UnreadResults(_folder.FullName, most: 1 << 30);
        var (added, taken) = (new StringBuilder(), new StringBuilder());
        for (var n = 0; n < 2_000; n++)
        {
            if (random.Next(3) > 0)
            {
                var text = string.Concat(Enumerable.Repeat($"{n} ", random.Next(1, 2_000)));
                results.Add(Encoding.ASCII.GetBytes(text));
                added.Append(text);
            }
            else if (taken.Length < added.Length)
            {
                taken.Append(await TakeAsync(results, random.Next(1, 20_000)));
            }
            if (random.Next(200) == 0)
            {
                while (taken.Length < added.Length)
                {
                    taken.Append(await TakeAsync(results, 50_000));
                }
            }
        }
        results.Complete();
        while (await TakeAsync(results, 10_000) is { Length: > 0 } text)
        {
            taken.Append(text);
        }

        Assert.True(added.Equals(taken), $"Seed {seed}");
        Assert.True(added.Length > 1_000_000);
    }

    [Fact]
    public async Task Results_OnceRead_WaitForMore()
    {
        using var results = new UnreadResults(_folder.FullName, most: 1 << 20);

        var first = TakeAsync(results, 100);
        Assert.False(first.IsCompleted);
        results.Add("one\n"u8);
        Assert.Equal("one\n", await first);
        var second = TakeAsync(results, 100);
        Assert.False(second.IsCompleted);
        results.Complete();

        Assert.Equal("", await second);
        Assert.Equal("", await TakeAsync(results, 100));
    }

    [Fact]
    public void Results_ThatHaveNoRoom_AreAnError()
    {
        using var results = new UnreadResults(_folder.FullName, most: 200_000);
        results.Add(new byte[64 * 1024]);
        results.Add(new byte[200_000]);

        Assert.Throws<IOException>(() => results.Add(new byte[1]));
    }

    [Fact]
    public void Results_InAFolderThatIsNotThere_AreAnErrorOnlyWhereTheyNeedIt()
    {
        using var results = new UnreadResults(Path.Combine(_folder.FullName, "none"), most: 200_000);
        results.Add(new byte[60 * 1024]);

        Assert.Throws<DirectoryNotFoundException>(() => results.Add(new byte[60 * 1024]));
    }

    private static async Task<string> TakeAsync(UnreadResults results, int bytes)
    {
        var buffer = new byte[bytes];
        return Encoding.ASCII.GetString(buffer, 0, await results.TakeAsync(buffer, Token));
    }
}
