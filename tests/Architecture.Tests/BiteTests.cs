namespace BackendGuide.Architecture.Tests;

/// <summary>Each rule finds what breaks it: a rule that finds nothing anywhere is none.</summary>
public sealed class BiteTests
{
    private const string Sinners = "BackendGuide.Architecture.Tests.Sinners.";

    [Fact]
    public void BusRule_ShownAPublishAndASend_FindsBoth()
    {
        Assert.Equal([Sinners + "Publishing", Sinners + "Sending"], Rules.BusUses(GetType().Assembly).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void NetworkRule_ShownACallOfAnotherService_FindsIt()
    {
        Assert.Equal([Sinners + "Calling"], Rules.NetworkUses(GetType().Assembly));
    }

    [Fact]
    public void ReferenceRule_ShownAnotherService_FindsIt()
    {
        Assert.Equal(["CareerService"], Rules.Beyond(["Eventing", "CareerService"], ["Contracts", "Eventing", "ServiceDefaults"]));
    }

    [Fact]
    public void TableRule_ShownAnotherServicesTable_FindsItWhereverItIsNamed()
    {
        using var code = Code.Of(GetType().Assembly);
        HashSet<string> careers = ["career", "career_topic"];

        Assert.Contains((Sinners + "Peeping", "career"), Found(code, text => Rules.TablesNamed(text, careers)));
        Assert.Equal(["career"], Rules.TablesNamed("UPDATE career SET version = 2", careers));
        Assert.Equal(["career_topic"], Rules.TablesNamed("CREATE INDEX x ON career_topic(slug)", careers));
        Assert.Empty(Rules.TablesNamed("SELECT 'career', slug FROM career_copy", careers));
        Assert.Equal(["a", "b"], Rules.TablesCreated("CREATE TABLE a(id int);\ncreate table if not exists b (id int);"));
    }

    [Theory]
    [InlineData("SET CONSTRAINTS ALL IMMEDIATE", 1)]
    [InlineData("BEGIN; set constraints event_log_pos\n immediate; COMMIT", 1)]
    [InlineData("PERFORM pg_notify('feed', '')", 1)]
    [InlineData("INSERT INTO x VALUES (1);\nNOTIFY feed", 1)]
    [InlineData("listen feed", 1)]
    [InlineData("SET CONSTRAINTS ALL DEFERRED", 0)]
    [InlineData("No NOTIFY in a business transaction", 0)]
    [InlineData("Nobody listens", 0)]
    public void SqlRule_ShownAText_FindsWhatIsForbiddenAndNothingElse(string text, int found)
    {
        Assert.Equal(found, Rules.ForbiddenSql(text).Count());
    }

    [Fact]
    public void SqlRule_ShownCompiledTexts_FindsThem()
    {
        using var code = Code.Of(GetType().Assembly);

        Assert.Contains((Sinners + "Peeping", "pg_notify"), Found(code, Rules.ForbiddenSql));
    }

    [Fact]
    public void WallClockRule_ShownCodeOfOthersThatReadsIt_FindsIt()
    {
        // This repository's own cannot be compiled with it, so it is shown somebody else's.
        using var npgsql = Code.Of("Npgsql");

        Assert.NotEmpty(Rules.WallClockReads(npgsql));
    }

    [Fact]
    public void GatewayRule_ShownDoors_FindsThem()
    {
        Assert.Equal(
            ["/internal/changes", "/api/v1/{**rest}"],
            Rules.OpenDoors(["/api/v1/guides", "/internal/changes", "/api/v1/{**rest}", "/api/v1/guides/{slug}"])
        );
    }

    private static IEnumerable<(string, string)> Found(Code code, Func<string, IEnumerable<string>> rule) =>
        code.Texts.SelectMany(at => rule(at.Text).Select(found => (at.Type, found)));
}
