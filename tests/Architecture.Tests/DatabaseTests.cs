namespace BackendGuide.Architecture.Tests;

/// <summary>Whose tables are whose, and what is never asked of PostgreSQL.</summary>
public sealed class DatabaseTests
{
    // Eventing's tables are in each service's database, by design, and its code's alone.
    private static readonly string[] s_owners = ["CareerService", "ContentService", "Eventing", "Gateway"];

    private static Dictionary<string, HashSet<string>> Tables { get; } =
        s_owners.ToDictionary(
            owner => owner,
            owner => Repository.Migrations(owner).SelectMany(migration => Rules.TablesCreated(migration.Sql)).ToHashSet()
        );

    [Fact]
    public void Tables_OfTwoOwners_HaveNoNameInCommon()
    {
        Assert.Contains("career_copy", Tables["ContentService"]);
        Assert.Contains("topic_copy", Tables["CareerService"]);
        Assert.Contains("event_log", Tables["Eventing"]);
        var all = s_owners.SelectMany(owner => Tables[owner]).ToList();
        Assert.Equal(all.Distinct(), all);
    }

    [Fact]
    public void Sql_OfAService_NamesNoOtherServicesTable()
    {
        string[] services = [.. s_owners.Where(owner => owner != "Eventing")];
        foreach (var service in services)
        {
            var others = services.Where(other => other != service).SelectMany(other => Tables[other]).ToHashSet();
            using var code = Code.Of(service);
            var texts = code.Texts.Select(at => at.Text).Concat(Repository.Migrations(service).Select(migration => migration.Sql)).ToList();
            Assert.NotEmpty(texts);
            Assert.Empty(texts.SelectMany(text => Rules.TablesNamed(text, others)));
        }
    }

    [Fact]
    public void Sql_OfEventing_NamesNoServicesTable()
    {
        var services = s_owners.Where(owner => owner != "Eventing").SelectMany(owner => Tables[owner]).ToHashSet();
        using var code = Code.Of("Eventing");

        Assert.Empty(code.Texts.SelectMany(at => Rules.TablesNamed(at.Text, services)));
    }

    [Fact]
    public void Service_AsCompiled_NamesNoDatabaseButItsOwn()
    {
        (string Service, string Database)[] databases =
        [
            ("ContentService", "content-db"),
            ("CareerService", "career-db"),
            ("Gateway", "gateway-db"),
        ];
        foreach (var (service, own) in databases)
        {
            using var code = Code.Of(service);
            Assert.DoesNotContain(code.Texts, at => at.Text != own && databases.Any(other => other.Database == at.Text));
        }
    }

    [Fact]
    public void Sql_Anywhere_ChecksNoConstraintEarlyAndNotifiesNobody()
    {
        var scripts = Repository.Projects.SelectMany(Repository.Migrations).ToList();
        Assert.True(scripts.Count >= 8);
        Assert.Empty(scripts.SelectMany(script => Rules.ForbiddenSql(script.Sql)));
        foreach (var project in Repository.Projects)
        {
            using var code = Code.Of(project);
            Assert.Empty(code.Texts.SelectMany(at => Rules.ForbiddenSql(at.Text).Select(found => $"{at.Type}: {found}")));
        }
    }

    [Fact]
    public void Migrations_RunWithVariablesDisabled()
    {
        foreach (var project in Repository.Projects)
        {
            using var code = Code.Of(project);
            var runners = code.Calls.Where(call => call.Called.EndsWith("::PerformUpgrade", StringComparison.Ordinal)).ToList();
            Assert.All(
                runners,
                runner =>
                    Assert.Contains(
                        code.Calls,
                        call => call.Type == runner.Type && call.Called.EndsWith("::WithVariablesDisabled", StringComparison.Ordinal)
                    )
            );
            Assert.Equal(project == "Eventing" ? 1 : 0, runners.Count);
        }
    }
}
