using System.IO.Pipelines;
using System.Text;
using BackendGuide.CareerService.Salaries.Observations;
using BackendGuide.Testing;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>Bodies that nobody meant to send: read or refused, and nothing else.</summary>
public sealed class HostileUploadsTests
{
    private const string Marks = "\",\r\n\\{}[]:\0\u00C3";
    private static readonly int s_bodies = Sizes.Pick(quick: 3_000, full: 100_000);

    [Fact]
    public async Task Csv_ChangedByChance_IsReadOrRefused()
    {
        var csv = Encoding.UTF8.GetBytes(Row.Csv(new RandomRows(seed: 31).Next(12), "\r\n"));
        var (read, refused) = (0, 0);
        for (var seed = 0; seed < s_bodies; seed++)
        {
            using var reader = new CsvObservations(new MemoryStream(Change(csv, new Random(seed))), ReadRows.Today);
            _ = await IsReadAsync(reader) ? read++ : refused++;
        }
        Assert.True(read > s_bodies / 10 && refused > s_bodies / 100, $"{read} read, {refused} refused");
    }

    [Fact]
    public async Task Json_ChangedByChance_IsReadOrRefused()
    {
        var json = Encoding.UTF8.GetBytes(Row.Json(new RandomRows(seed: 37).Next(12)).ToJsonString());
        var (read, refused) = (0, 0);
        for (var seed = 0; seed < s_bodies; seed++)
        {
            _ = await IsReadAsync(new JsonObservations(PipeReader.Create(new MemoryStream(Change(json, new Random(seed)))), ReadRows.Today))
                ? read++
                : refused++;
        }
        Assert.True(read > s_bodies / 100 && refused > s_bodies / 10, $"{read} read, {refused} refused");
    }

    // Whatever else is thrown fails the test.
    private static async Task<bool> IsReadAsync(IObservationReader reader)
    {
        try
        {
            var read = await ReadRows.OfAsync(reader);
            Assert.All(read.Rejected, row => Assert.NotEmpty(row.Errors));
            Assert.All(read.Rows, row => Assert.DoesNotContain('\0', row.Observation.Id + row.Observation.Source.Name));
            return true;
        }
        catch (UnreadableUploadException e)
        {
            Assert.True(e.Faults.Any);
            return false;
        }
    }

    private static byte[] Change(byte[] body, Random random)
    {
        var bytes = body.ToList();
        for (var n = 1 + random.Next(4); n > 0; n--)
        {
            var at = random.Next(bytes.Count);
            switch (random.Next(5))
            {
                case 0:
                    bytes[at] = (byte)random.Next(256);
                    break;
                case 1:
                    bytes.RemoveRange(at, Math.Min(random.Next(1, 40), bytes.Count - at));
                    break;
                case 2:
                    bytes.InsertRange(at, bytes.GetRange(at, Math.Min(random.Next(1, 40), bytes.Count - at)));
                    break;
                case 3:
                    bytes.Insert(at, (byte)Marks[random.Next(Marks.Length)]);
                    break;
                default:
                    bytes.InsertRange(at, [0xED, 0xA0, 0x80]); // half a surrogate pair
                    break;
            }
            if (bytes.Count == 0)
            {
                bytes.Add((byte)',');
            }
        }
        return [.. bytes];
    }
}
