using System.Text;
using BackendGuide.OpenApi.Tests.Comparing;
using BackendGuide.OpenApi.Tests.Document;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.OpenApi.Tests;

/// <summary>
/// docs/openapi.json is what the code says, and takes nothing from anybody. <c>tests/OpenApi.Tests/write</c> writes it anew; what would break clients it
/// refuses, unless it is told to by <c>--break</c>.
/// </summary>
public sealed class CommittedDocumentTests
{
    private const string Writing = "BACKENDGUIDE_OPENAPI";
    private const string HowTo = "If that is meant, write it anew: tests/OpenApi.Tests/write (docs/openapi.md says more).";

    private static readonly string s_path = Repository.PathOf("docs/openapi.json");

    // Made once: it takes the programs of the whole system.
    private static readonly Lazy<string> s_generated = new(() => ApiDocument.Write(ApiParts.ReadRoutes()));

    private static string Mode => Environment.GetEnvironmentVariable(Writing) ?? "";

    [Fact]
    public void Document_OfTheCodeAsItIs_IsTheCommittedOne()
    {
        var generated = s_generated.Value;
        if (Mode.Length > 0)
        {
            Assert.True(
                Mode == "break" || FindBreaks().Count == 0,
                $"It would break clients; --break writes it all the same:\n{Text(FindBreaks())}"
            );
            File.WriteAllText(s_path, generated);
            return;
        }
        var committed = File.ReadAllText(s_path);

        Assert.True(
            committed == generated,
            $"docs/openapi.json is not what the code says, first here:\n{FirstDifference(committed, generated)}\n{HowTo}"
        );
    }

    [Fact]
    public void Document_OfTheCodeAsItIs_BreaksNoClientOfTheCommittedOne()
    {
        Assert.SkipWhen(Mode == "break", "Breaking on purpose.");

        var breaks = FindBreaks();

        Assert.True(breaks.Count == 0, $"This breaks clients that were made for docs/openapi.json:\n{Text(breaks)}\nSee docs/openapi.md.");
    }

    private static IReadOnlyList<string> FindBreaks() =>
        File.Exists(s_path)
            ? BreakingChanges.Find(
                new ApiDescription(File.ReadAllBytes(s_path)),
                new ApiDescription(Encoding.UTF8.GetBytes(s_generated.Value))
            )
            : [];

    private static string Text(IReadOnlyList<string> lines) => string.Join('\n', lines);

    private static string FirstDifference(string committed, string generated)
    {
        var (old, now) = (committed.Split('\n'), generated.Split('\n'));
        var line = old.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
        return $"line {line + 1}\n  committed: {old.ElementAtOrDefault(line)?.Trim()}\n  code:      {now.ElementAtOrDefault(line)?.Trim()}";
    }
}
