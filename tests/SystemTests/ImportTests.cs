using System.Globalization;
using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.SystemTests;

/// <summary>Imports and exports through the gateway of the running system.</summary>
public sealed class ImportTests(EmptySystem fixture)
{
    private const int Lines = 1_000;

    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(60);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Import_through_the_gateway_is_acknowledged_line_by_line_and_comes_out_as_an_export()
    {
        await using (var import = await OpenAsync())
        {
            await SendAsync(import, 1, 10);
            for (var n = 1; n <= 10; n++)
            {
                Assert.Equal($"{n} created", await ReadResultAsync(import));
            }
            await SendAsync(import, 11, Lines);
            await import.EndAsync(Token);
            for (var n = 11; n <= Lines; n++)
            {
                Assert.Equal($"{n} created", await ReadResultAsync(import));
            }
            Assert.Null(await import.ReadLineAsync(Token));
            Assert.True(import.Headers.ContainsKey("Change-Cursor"));
        }

        var export = await fixture.System.Client.GetStringAsync("/api/v1/exports/guides", Token);
        await using (var again = await OpenAsync())
        {
            await again.SendAsync(export, Token);
            await again.EndAsync(Token);
            for (var n = 1; n <= Lines + 1; n++) // with the one that the system comes with
            {
                Assert.EndsWith(" unchanged", await ReadResultAsync(again), StringComparison.Ordinal);
            }
        }

        Assert.Equal(export, await fixture.System.Client.GetStringAsync("/api/v1/exports/guides", Token));
        await Eventually.TrueAsync(
            async () => (await fixture.System.GetAsync("/api/v1/search?q=imported-1000", Token)).GetProperty("items").GetArrayLength() > 0,
            s_deadline,
            "the last guide by a word of it",
            Token
        );
    }

    private async Task<DuplexRequest> OpenAsync() =>
        await DuplexRequest.OpenAsync(
            fixture.System.Client.BaseAddress!,
            "/api/v1/imports/guides",
            await fixture.System.ReadEditorTokenAsync(Token),
            Token
        );

    private static async Task SendAsync(DuplexRequest import, int first, int last)
    {
        for (var n = first; n <= last; n++)
        {
            var line = new
            {
                slug = $"imported-{n}",
                title = $"Imported {n}",
                sections = new[] { new { heading = "Part", blocks = new[] { new { kind = "markdown", text = $"imported-{n}" } } } },
                publish = true,
            };
            await import.SendAsync(JsonSerializer.Serialize(line) + "\n", Token);
        }
    }

    private static async Task<string> ReadResultAsync(DuplexRequest import)
    {
        var result = JsonDocument.Parse((await import.ReadLineAsync(Token))!).RootElement;
        return string.Create(CultureInfo.InvariantCulture, $"{result.GetProperty("line")} {result.GetProperty("status")}");
    }
}
