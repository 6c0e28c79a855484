using System.Globalization;
using System.Net;
using System.Text;

namespace BackendGuide.Salaries.Bench;

/// <summary>A CSV that is made while it is sent: 90 groups, amounts to the unit, three sources.</summary>
internal sealed class GeneratedCsv : HttpContent
{
    private static readonly string[] s_levels = ["entry", "junior", "mid", "senior", "lead", "principal"];
    private static readonly string[] s_regions = ["", "DE", "US-CA", "GB", "IN"];

    private readonly int _rows;
    private readonly Func<Task>? _cut;

    /// <param name="rows">How many.</param>
    /// <param name="cut">Ends with the moment to break off at, when the rows have been sent; null for a whole one.</param>
    public GeneratedCsv(int rows, Func<Task>? cut = null)
    {
        (_rows, _cut) = (rows, cut);
        Headers.ContentType = new("text/csv");
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        var random = new Random(1);
        await using var writer = new StreamWriter(stream, new UTF8Encoding(false), 64 * 1024, leaveOpen: true);
        await writer.WriteAsync("id,level,region,currency,year,amount,source,source_url,licence,as_of\r\n");
        for (var n = 0; n < _rows; n++)
        {
            var level = random.Next(6);
            await writer.WriteAsync(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"obs-{n:x8}-{(uint)n * 2654435761:x8},{s_levels[level]},{s_regions[random.Next(5)]},EUR,{2024 + random.Next(3)},{random.Next(25_000, 60_000) * (level + 4) / 3},\"Survey {random.Next(3)}, of pay\",https://example.org/pay,CC-BY-4.0,2026-03-01\r\n"
                )
            );
        }
        if (_cut is not null)
        {
            await writer.FlushAsync();
            await _cut();
            throw new IOException("The upload is cut, as it was to be.");
        }
    }

    protected override bool TryComputeLength(out long length)
    {
        length = 0;
        return false;
    }
}
