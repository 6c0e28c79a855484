using System.Text.Json;
using BackendGuide.CareerService.Tests.Salaries;
using BackendGuide.Testing.LinkedData;

namespace BackendGuide.CareerService.Tests.LinkedData;

/// <summary>Careers asked for as linked data.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class LinkedAnswersTests(CareerServiceFixture career)
{
    private const string Seed = "/api/v1/careers/backend-developer";

    [Theory]
    [InlineData("application/ld+json", "application/ld+json")]
    [InlineData("application/ld+json, application/json;q=0.5", "application/ld+json")]
    [InlineData("application/json", "application/json")]
    [InlineData("*/*", "application/json")]
    public async Task Career_InTheFormThatIsAskedFor_HasATagOfItsOwn(string accept, string mediaType)
    {
        var answer = await career.Reader.ReadAsync(Seed, ("Accept", accept));

        Assert.Equal((200, mediaType), (answer.Status, answer.Headers["Content-Type"]));
        Assert.Equal("Accept, Accept-Encoding", answer.Headers["Vary"]);
        Assert.StartsWith("\"1-", answer.ETag, StringComparison.Ordinal);
        var other = await career.Reader.ReadAsync(Seed, ("Accept", mediaType == "application/json" ? "application/ld+json" : "*/*"));
        Assert.NotEqual(other.ETag, answer.ETag);
        Assert.Equal(304, (await career.Reader.ReadAsync(Seed, ("Accept", accept), ("If-None-Match", answer.ETag!))).Status);
    }

    [Fact]
    public async Task Career_AsLinkedData_IsAnOccupationWithItsRanges()
    {
        var seed = await career.Reader.ReadAsync(Seed, ("Accept", "application/ld+json"));

        Assert.Equal(("Occupation", "Backend Developer"), (seed.Text("@type"), seed.Text("name")));
        Assert.Equal(
            [75_000, 95_000, 130_000],
            seed.Body.GetProperty("estimatedSalary").EnumerateArray().Select(salary => salary.GetProperty("minValue").GetInt64())
        );
        // Without a setting the service does not know where the public finds it, and addresses are relative.
        Assert.Equal(Seed, seed.Text("url"));
        Assert.Equal(["$.@id:", "$.url:"], SchemaTerms.Read().FaultsOf(seed.Body).Select(fault => fault.Split(' ')[0]));
    }

    [Fact]
    public async Task Career_AsLinkedData_OfATime_IsWhatItWas()
    {
        var slug = career.NewLateSlug();
        var one = await career.PutAsync(slug, Bodies.Whole());
        var two = Bodies.Whole();
        two["title"] = "Changed";
        await career.PutAsync(slug, two);

        var then = await career.Reader.ReadAsync(
            Exchanges.AsOf($"/api/v1/careers/{slug}", one.Text("updatedAt")!),
            ("Accept", "application/ld+json")
        );

        Assert.Equal(("Occupation", "Data Engineer"), (then.Text("@type"), then.Text("name")));
    }

    [Fact]
    public async Task Career_WithObservations_SaysTheirPercentilesButNoneThatAreWithheld()
    {
        var slug = career.NewLateSlug();
        var written = await career.PutAsync(slug, Bodies.Whole());
        var path = $"/api/v1/careers/{slug}";
        Assert.Empty(await DistributionsAsync(path));

        await career.UploadAsync(
            slug,
            [
                .. Enumerable.Range(1, 5).Select(n => new Row($"told {n}", n * 1_000)),
                .. Enumerable.Range(1, 4).Select(n => new Row($"withheld {n}", 1, Level: "mid")),
            ]
        );

        var observed = Assert.Single(await DistributionsAsync(path));
        Assert.Equal(
            ["1400", "2000", "3000", "4000", "4600", "\"EUR\"", "\"P1Y\""],
            new[] { "percentile10", "percentile25", "median", "percentile75", "percentile90", "currency", "duration" }.Select(name =>
                observed.GetProperty(name).GetRawText()
            )
        );
        Assert.Empty(await DistributionsAsync(Exchanges.AsOf(path, written.Text("updatedAt")!)));
    }

    private async Task<IReadOnlyList<JsonElement>> DistributionsAsync(string path)
    {
        var answer = await career.Reader.ReadAsync(path, ("Accept", "application/ld+json"));
        return
        [
            .. answer
                .Body.GetProperty("estimatedSalary")
                .EnumerateArray()
                .Where(salary => salary.GetProperty("@type").GetString() == "MonetaryAmountDistribution"),
        ];
    }

    [Fact]
    public async Task Career_InAFormThatThereIsNot_Is406AndFieldsOfLinkedDataAre400()
    {
        var none = await career.Reader.ReadAsync(Seed, ("Accept", "image/png"));
        var fields = await career.Reader.ReadAsync($"{Seed}?fields=title", ("Accept", "application/ld+json"));

        Assert.Equal((406, "/problems/not-acceptable"), (none.Status, none.Text("type")));
        Assert.Equal("400: fields", fields.Refusal);
    }
}
