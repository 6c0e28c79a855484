namespace BackendGuide.Architecture.Tests;

/// <summary>Who may know whom.</summary>
public sealed class ReferenceTests
{
    private static readonly string[] s_services = ["CareerService", "ContentService"];

    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["AppHost"] = ["CareerService", "ContentService", "Gateway", "NativeHosting"],
        ["CareerService"] = ["Contracts", "Eventing", "ServiceDefaults"],
        ["ContentService"] = ["Contracts", "Eventing", "ServiceDefaults"],
        ["Contracts"] = [],
        ["Eventing"] = ["Contracts", "ServiceDefaults"],
        ["Gateway"] = ["Contracts", "Eventing", "ServiceDefaults"],
        ["NativeHosting"] = [],
        ["ServiceDefaults"] = [],
        ["Website"] = ["ServiceDefaults"],
    };

    [Fact]
    public void Projects_OfTheSystem_ReferToNoneButThoseThatTheyMay()
    {
        foreach (var project in Repository.Projects)
        {
            Assert.True(s_allowed.ContainsKey(project), $"Say here what {project} may refer to.");
            Assert.Empty(Rules.Beyond(Repository.ProjectReferences(project), s_allowed[project]));
        }
    }

    [Fact]
    public void Services_AsCompiled_KnowNoOtherService()
    {
        foreach (var service in s_services)
        {
            using var code = Code.Of(service);
            Assert.Empty(Rules.Beyond(code.References.Where(Repository.Projects.Contains), s_allowed[service]));
        }
    }

    [Fact]
    public void Contracts_AreRecordsAndNothingElse()
    {
        Assert.Empty(Repository.ProjectReferences("Contracts"));
        Assert.Empty(Repository.PackageReferences("Contracts"));
        using var code = Code.Of("Contracts");
        Assert.All(code.References, reference => Assert.StartsWith("System.", reference, StringComparison.Ordinal));
    }

    [Fact]
    public void Bus_IsEventingsAlone()
    {
        foreach (var project in Repository.Projects.Where(project => project != "Eventing"))
        {
            Assert.DoesNotContain(
                Repository.PackageReferences(project),
                package =>
                    package.StartsWith("MassTransit", StringComparison.Ordinal) || package.StartsWith("RabbitMQ", StringComparison.Ordinal)
            );
            using var code = Code.Of(project);
            Assert.Empty(Rules.BusUses(code.Assembly));
        }
    }

    [Theory]
    [InlineData("BackendGuide.Eventing.Log.")]
    [InlineData("BackendGuide.Eventing.Idempotency.")]
    public void WritePath_OfARequest_KnowsNoBus(string part)
    {
        using var code = Code.Of("Eventing");

        Assert.DoesNotContain(Rules.BusUses(code.Assembly), type => type.StartsWith(part, StringComparison.Ordinal));
        Assert.DoesNotContain(
            Rules.Dependents(code.Assembly, "BackendGuide.Eventing.Bus"),
            type => type.StartsWith(part, StringComparison.Ordinal)
        );
    }

    [Fact]
    public void Services_AmongThemselves_CallNobodyButTheSourceOfTheirEvents()
    {
        foreach (var service in s_services)
        {
            using var code = Code.Of(service);
            Assert.Empty(Rules.NetworkUses(code.Assembly));
        }
        using var eventing = Code.Of("Eventing");
        Assert.Equal(["BackendGuide.Eventing.Consuming.HttpSourceFeed"], Rules.NetworkUses(eventing.Assembly));
    }
}
