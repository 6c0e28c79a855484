using System.Text.Json.Nodes;

namespace BackendGuide.CareerService.Tests.LearningPaths;

/// <summary>What a step may say that it replaces: steps that there were, and are no longer.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class ReplacesTests(CareerServiceFixture career)
{
    [Fact]
    public async Task AStep_ThatReplacesWhatNeverWas_IsAFaultWithThePathOfTheId()
    {
        var slug = career.NewLateSlug();
        Assert.Equal("400: $.learningPath[0].replaces[0]", await PutAsync(slug, ("b", "a")));
        Assert.Equal("201", await PutAsync(slug, ("a", "")));

        Assert.Equal("400: $.learningPath[1].replaces[1], $.learningPath[1].replaces[2]", await PutAsync(slug, ("b", "a"), ("c", "a x y")));
        Assert.Equal("200", await PutAsync(slug, ("b", "a"), ("c", "a")));
    }

    [Fact]
    public async Task AStep_ThatReplacesWhatIsThere_IsAFaultAlsoWhereThatCameBack()
    {
        var slug = career.NewLateSlug();
        await PutAsync(slug, ("a", ""));
        Assert.Equal("200", await PutAsync(slug, ("b", "a")));

        Assert.Equal("400: $.learningPath[1].replaces[0]", await PutAsync(slug, ("a", ""), ("b", "a")));
        Assert.Equal("400: $.learningPath[0].replaces[0]", await PutAsync(slug, ("b", "b")));
        Assert.Equal("200", await PutAsync(slug, ("a", "b")));
    }

    [Fact]
    public async Task WhatAnotherCareerHad_IsNotThisOnes()
    {
        var (one, other) = (career.NewLateSlug(), career.NewLateSlug());
        await PutAsync(one, ("a", ""));
        await PutAsync(one, ("b", ""));
        await PutAsync(other, ("b", ""));

        Assert.Equal("200", await PutAsync(one, ("b", "a")));
        Assert.Equal("400: $.learningPath[0].replaces[0]", await PutAsync(other, ("b", "a")));
    }

    [Fact]
    public async Task AFault_ThatOnlyThePastTells_IsReportedWithTheOthers()
    {
        var slug = career.NewLateSlug();
        await PutAsync(slug, ("a", ""));
        var body = Bodies.WithPath(
            """
            [ { "id": "b", "title": "", "replaces": ["x", "X", "b", "a"] }, { "id": "c", "title": "C", "after": ["c", "y"], "replaces": ["z"] } ]
            """
        );
        body["colour"] = "red";

        var refused = await career.Editor.ExchangeAsync("PUT", $"/api/v1/careers/{slug}?locale=de", body, ("If-Match", "nonsense"));

        Assert.Equal(
            "400: $.colour, $.learningPath[0].replaces[0], $.learningPath[0].replaces[1], $.learningPath[0].replaces[2], "
                + "$.learningPath[0].title, $.learningPath[1].after[0], $.learningPath[1].after[1], $.learningPath[1].replaces[0], If-Match, locale",
            refused.Refusal
        );
        Assert.Equal("1", (await career.Reader.ReadAsync($"/api/v1/careers/{slug}")).Text("version"));
    }

    private async Task<string> PutAsync(string slug, params (string Id, string Replaces)[] steps)
    {
        var path = steps.Select(step => new JsonObject
        {
            ["id"] = step.Id,
            ["title"] = "t",
            ["replaces"] = new JsonArray([
                .. step.Replaces.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(id => JsonValue.Create(id)),
            ]),
        });
        var body = new JsonObject { ["title"] = "t", ["learningPath"] = new JsonArray([.. path]) };
        var answer = await career.Editor.ExchangeAsync("PUT", $"/api/v1/careers/{slug}", body);
        return answer.Status == 400 ? answer.Refusal : $"{answer.Status}";
    }
}
