using BackendGuide.CareerService.Tests.Caching;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>An upload evicts what is made of that career's salaries, and nothing else.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class SalaryEvictionsTests(CareerServiceFixture career, CareerInstances instances) : IClassFixture<CareerInstances>
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Upload_ToACareer_EvictsItsSalariesAloneInEveryInstance()
    {
        var (slug, other) = (career.NewSlug(), career.NewSlug());
        foreach (var one in new[] { slug, other })
        {
            await instances.PutAsync(one, "Title");
            await career.UploadAsync(one, Enumerable.Range(1, 5).Select(n => new Row($"{n}", n)));
        }
        string[] touched =
        [
            $"/api/v1/careers/{slug}/salaries",
            $"/api/v1/careers/{slug}/salaries?level=senior",
            $"/api/v1/careers/{slug}/salaries?level=mid",
            $"/api/v1/careers/{slug}/salaries/trend?level=senior&currency=EUR",
            $"/api/v1/salaries/compare?a={slug}:senior::EUR:2026&b={other}:senior::EUR:2026",
            $"/api/v1/salaries/compare?a={other}:senior::EUR:2026&b={slug}:mid::EUR:2026", // 409
        ];
        string[] untouched =
        [
            $"/api/v1/careers/{slug}",
            $"/api/v1/careers/{other}",
            $"/api/v1/careers/{other}/salaries",
            $"/api/v1/careers/{other}/salaries/trend?level=senior&currency=EUR",
            $"/api/v1/salaries/compare?a={other}:senior::EUR:2026&b={other}:senior::EUR:2026",
            "/api/v1/careers?limit=100",
        ];
        foreach (var instance in instances.Both)
        {
            var before = await KeptAsync(instance, [.. touched, .. untouched]);

            using var answer = await career.Editor.PostAsync(
                Uploads.PathOf(slug),
                Uploads.CsvContent(Row.Csv([new Row($"more {Guid.NewGuid()}", 6)])),
                Token
            );
            var position = CareerInstances.PositionOf(answer).Position;
            await Eventually.TrueAsync(
                () => Task.FromResult(instances.HeardByOther() >= position),
                s_patience,
                "the upload heard of",
                Token
            );

            foreach (var path in touched)
            {
                Assert.False((await instance.SeeAsync(path, Token)).IsTheSameReadingAs(before[path]), $"{path} is kept");
            }
            foreach (var path in untouched)
            {
                Assert.True((await instance.SeeAsync(path, Token)).IsTheSameReadingAs(before[path]), $"{path} is evicted");
            }
        }
    }

    [Fact]
    public async Task Salaries_OfACareerThatIsWritten_AreReadAnew()
    {
        var slug = career.NewSlug();
        await instances.PutAsync(slug, "Title");
        var path = $"/api/v1/careers/{slug}/salaries";
        await KeptAsync(instances.Writer, [path]);

        await career.PutAsync(slug, Bodies.Whole()); // which has a figure

        Assert.Contains("\"editorial\":{\"min\":100", (await instances.Writer.SeeAsync(path, Token)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Uploader_WhoReadsAtTheSameInstance_NeverReadsWhatWasBefore()
    {
        var slug = career.NewSlug();
        await instances.PutAsync(slug, "Title");
        for (var n = 1; n <= Sizes.Pick(quick: 60, full: 500); n++)
        {
            await career.UploadAsync(slug, new Row($"{n}", n));

            var seen = await instances.Writer.SeeAsync($"/api/v1/careers/{slug}/salaries", Token);

            Assert.Contains($"\"sampleSize\":{n},", seen.Body, StringComparison.Ordinal);
        }
    }

    private static async Task<Dictionary<string, SeenAnswer>> KeptAsync(HttpClient instance, IReadOnlyList<string> paths)
    {
        Dictionary<string, SeenAnswer> kept = [];
        foreach (var path in paths)
        {
            await Eventually.TrueAsync(
                async () =>
                {
                    var first = await instance.SeeAsync(path, Token);
                    kept[path] = await instance.SeeAsync(path, Token);
                    return first.IsTheSameReadingAs(kept[path]);
                },
                s_patience,
                $"{path} is kept",
                Token
            );
        }
        return kept;
    }
}
