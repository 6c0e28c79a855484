using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using BackendGuide.Testing;

namespace BackendGuide.SystemTests;

/// <summary>Observed salaries, through the gateway.</summary>
public sealed class SalaryTests(EmptySystem fixture)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_long_csv_of_observations_is_read_at_once_after_its_answer_and_is_in_the_feed()
    {
        const string Career = "/api/v1/careers/salary-tester";
        using var put = await fixture.System.SendAsEditorAsync(HttpMethod.Put, Career, new JsonObject { ["title"] = "Tester" }, Token);
        Assert.Equal(HttpStatusCode.Created, put.StatusCode);
        var csv = new StringBuilder("id,level,region,currency,year,amount,source\r\n");
        for (var n = 1; n <= 50_001; n++)
        {
            csv.Append(null, $"obs-{n},senior,DE,EUR,2026,{n},\"A survey, of pay\"\r\n"); // over what any other body may have
        }
        using var request = new HttpRequestMessage(HttpMethod.Post, $"{Career}/salary-observations");
        request.Content = new StringContent(csv.ToString(), Encoding.UTF8, new MediaTypeHeaderValue("text/csv"));

        using var upload = await fixture.System.SendAsEditorAsync(request, Token);

        Assert.Equal(
            """{"accepted":50001,"duplicate":0,"corrected":0,"rejected":[],"rejectedTotal":0}""",
            await upload.Content.ReadAsStringAsync(Token)
        );
        var cursor = upload.Headers.GetValues("Change-Cursor").Single();
        var after = await fixture.System.Client.SeeAsync($"{Career}/salaries", Token, afterChange: cursor);
        var kept = await fixture.System.Client.SeeAsync($"{Career}/salaries", Token);
        Assert.Contains("\"median\":25001,", after.Body, StringComparison.Ordinal);
        Assert.Equal(after.Body, kept.Body);
        var before = put.Headers.GetValues("Change-Cursor").Single();
        var changes = await fixture.System.GetAsync(
            $"/api/v1/changes?after={before}&type=backendguide.salaries.updated.v1&limit=1000",
            Token
        );
        var last = changes.GetProperty("items").EnumerateArray().Last();
        Assert.Equal("careers/salary-tester/salaries", last.GetProperty("subject").GetString());
        Assert.Equal(50_001, last.GetProperty("data").GetProperty("groups")[0].GetProperty("sampleSize").GetInt64());
    }
}
