using System.Net;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>Several uploads at once.</summary>
[Collection(CareerServiceCollection.Name)]
public sealed class ParallelUploadsTests(CareerServiceFixture career)
{
    private const int Uploaders = 4;

    [Fact]
    public async Task Uploads_OfOneCareerAtOnce_CountEachObservationOnceAndWaitForNobodyForEver()
    {
        var slug = await career.NewCareerAsync();
        var random = new Random(23);
        Row[] all =
        [
            .. Enumerable
                .Range(0, 30_000)
                .Select(n => new Row($"{n}", random.Next(1, 200_000), Year: 2020 + random.Next(6), Source: $"Survey {random.Next(5)}")),
        ];
        var uploads = Enumerable
            .Range(0, Uploaders)
            .Select(seed =>
            {
                // Each in an order of its own, so that they want the same rows and groups from different ends.
                var mine = all.Where(_ => random.Next(4) > 0).ToArray();
                new Random(seed).Shuffle(mine);
                return mine;
            })
            .ToArray();

        var answers = await Task.WhenAll(uploads.Select(rows => career.UploadAsync(slug, rows)));

        var model = new SalaryModel();
        model.Take(uploads.SelectMany(rows => rows));
        Assert.Equal(model.Rows.Count, answers.Sum(answer => answer.Counts().Accepted));
        Assert.Equal(uploads.Sum(rows => rows.Length) - model.Rows.Count, answers.Sum(answer => answer.Counts().Duplicate));
        Assert.All(answers, answer => Assert.Equal((0, 0), (answer.Counts().Corrected, answer.Counts().Rejected)));
        Assert.Equal(model.Says(), SalaryModel.Says(await career.Reader.SalariesAsync(slug)));
    }

    [Fact]
    public async Task Uploads_ThatCorrectOneAnother_LeaveOneOfThemWholeInEachObservation()
    {
        var slug = await career.NewCareerAsync();
        Row[][] uploads =
        [
            .. Enumerable
                .Range(0, Uploaders)
                .Select(upload =>
                    Enumerable.Range(0, 2_000).Select(n => new Row($"{n}", 1_000 * (upload + 1), Source: $"Upload {upload}")).ToArray()
                ),
        ];

        var answers = await Task.WhenAll(uploads.Select(rows => career.UploadAsync(slug, rows)));

        Assert.Equal(2_000, answers.Sum(answer => answer.Counts().Accepted));
        Assert.Equal(6_000, answers.Sum(answer => answer.Counts().Corrected));
        var observed = Assert.Single(await career.Reader.SalariesAsync(slug)).GetProperty("observed");
        var source = Assert.Single(observed.GetProperty("sources").EnumerateArray());
        Assert.Equal(2_000, source.GetProperty("count").GetInt32()); // one chunk each: the last one's
        Assert.Equal($"Upload {(observed.GetProperty("median").GetInt32() / 1_000) - 1}", source.Text("name"));
    }

    [Fact]
    public async Task Uploads_AndWritesOfTheCareerAtOnce_AllSucceed()
    {
        var slug = await career.NewCareerAsync();
        var uploading = career.UploadAsync(slug, Enumerable.Range(0, 60_000).Select(n => new Row($"{n}", 10 + n)));
        for (var n = 0; !uploading.IsCompleted; n++)
        {
            var body = Bodies.Whole();
            body["summary"] = $"Summary {n}";
            using var answer = await career.Editor.PutAsync(
                $"/api/v1/careers/{slug}",
                Json.Content(body),
                TestContext.Current.CancellationToken
            );
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal((60_000, 0, 0, 0), (await uploading).Counts());
    }
}
