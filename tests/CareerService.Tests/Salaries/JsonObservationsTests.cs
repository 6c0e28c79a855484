using System.IO.Pipelines;
using System.Text;
using BackendGuide.CareerService.Salaries.Observations;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>What is read of a list of JSON objects, without a server.</summary>
public sealed class JsonObservationsTests
{
    private const string Good = """{"id":"1","level":"entry","currency":"USD","year":2025,"amount":10,"source":"x"}""";

    [Fact]
    public async Task Element_WithEveryProperty_IsReadAsTheRowOfACsvIs()
    {
        var row = new Row("ä\n\"1\"", 85_000, "senior", "DE-BE", "EUR", 2026, "A survey", "https://example.org/", "CC0-1.0", "2026-03-01");
        using var csv = new CsvObservations(new MemoryStream(Encoding.UTF8.GetBytes(Row.Csv([row]))), ReadRows.Today);

        var ofJson = await ReadAsync(Row.Json([row]).ToJsonString());

        Assert.Equal((await ReadRows.OfAsync(csv)).Rows.Single().Observation, ofJson.Rows.Single().Observation);
        Assert.Equal(1, ofJson.Rows.Single().Line);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData(" [ ] \n")]
    public async Task List_ThatIsEmpty_HasNoRows(string json)
    {
        var read = await ReadAsync(json);

        Assert.Empty(read.Rows);
        Assert.Empty(read.Rejected);
    }

    [Theory]
    [InlineData("1", "row: must be an object")]
    [InlineData("null", "row: must be an object")]
    [InlineData("[[]]", "row: must be an object")]
    [InlineData(
        """{"id":1,"level":"entry","currency":"USD","year":"2025","amount":"10","source":"x"}""",
        "amount: must be a whole number",
        "id: must be a string",
        "year: must be a whole number"
    )]
    [InlineData(
        """{"id":"1","level":"entry","currency":"USD","year":2025,"amount":10.5,"source":"x"}""",
        "amount: must be a whole number in digits alone: no sign, decimal comma or point, separator, space or unit"
    )]
    [InlineData(
        """{"id":"1","level":"entry","currency":"USD","year":2025,"amount":1e4,"source":"x"}""",
        "amount: must be a whole number in digits alone: no sign, decimal comma or point, separator, space or unit"
    )]
    [InlineData(
        """{"id":"1","level":"entry","currency":"USD","year":2025,"amount":-1,"source":"x"}""",
        "amount: must be a whole number in digits alone: no sign, decimal comma or point, separator, space or unit"
    )]
    [InlineData(
        """{"id":"1","level":"entry","currency":"USD","year":2025,"amount":10,"source":"x","id":"2","note":1}""",
        "id: is there twice",
        "note: is not a known property"
    )]
    [InlineData(
        """{"id":"\ud800","level":"entry","currency":"USD","year":2025,"amount":10,"source":"x\u0000"}""",
        "id: must be UTF-8, without a lone surrogate",
        "source: must be UTF-8, without U+0000"
    )]
    [InlineData(
        """{"\ud800":1,"id":"1","level":"entry","currency":"USD","year":2025,"amount":10,"source":"x"}""",
        "row: must not have a lone surrogate, or bytes that are no UTF-8, in a property's name"
    )]
    [InlineData(
        "{}",
        "amount: is required",
        "currency: is required",
        "id: is required",
        "level: is required",
        "source: is required",
        "year: is required"
    )]
    public async Task Element_AtFault_IsRefusedWithItsPlaceAndTheRestIsRead(string element, params string[] expected)
    {
        var read = await ReadAsync($"[{Good},{element},{Good.Replace("\"1\"", "\"3\"")}]");

        Assert.Equal([(1L, "1"), (3L, "3")], read.Rows.Select(row => (row.Line, row.Observation.Id)));
        Assert.Equal(expected.Select(fault => $"2 {fault}"), read.Says());
    }

    [Fact]
    public async Task Element_WithAThousandOtherProperties_IsRefusedForSomeOfThem()
    {
        var read = await ReadAsync($"[{{{string.Join(',', Enumerable.Range(0, 1_000).Select(n => $"\"p{n}\":1"))}}}]");

        Assert.Equal(26, read.Rejected.Single().Errors.Count); // the 6 that are required, and 20 of those that are there
    }

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{}")]
    [InlineData("\"x\"")]
    [InlineData("[")]
    [InlineData("[{}")]
    [InlineData("[{},]")]
    [InlineData("[{}] x")]
    [InlineData("[{}][]")]
    [InlineData("[{} {}]")]
    [InlineData("[{\"id\":tru}]")]
    [InlineData("// a comment\n[]")]
    [InlineData("[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]")]
    public async Task Body_ThatIsNoListOfJson_CannotBeRead(string json)
    {
        var unreadable = await Assert.ThrowsAsync<UnreadableUploadException>(() => ReadAsync(json));

        Assert.Equal(["$"], unreadable.Faults.ByPlace.Keys);
    }

    [Theory]
    [InlineData("[{\"id\":\"", "and on and on ")]
    [InlineData("[", " ")]
    [InlineData("[]", " ")]
    public async Task Element_ThatDoesNotEnd_EndsTheUploadBeforeItIsAllInMemory(string beginning, string rest)
    {
        using var body = new EndlessBody(beginning, rest);

        await Assert.ThrowsAsync<UnreadableUploadException>(() =>
            ReadRows.OfAsync(new JsonObservations(PipeReader.Create(body), ReadRows.Today))
        );

        Assert.InRange(body.Given, 64 * 1024, 512 * 1024);
    }

    [Fact]
    public async Task Element_ThatIsTooLong_IsRefusedAndTheRestIsRead()
    {
        var read = await ReadAsync($"[{Good},{Good.Replace("\"x\"", $"\"{new string('x', 200_000)}\"", StringComparison.Ordinal)},{Good}]");

        Assert.Equal([1L, 3L], read.Rows.Select(row => row.Line));
        Assert.Equal(["2 row: has over 65536 bytes"], read.Says());
    }

    [Fact]
    public async Task Name_ThatNobodyKnows_IsSaidByItsBeginning()
    {
        var read = await ReadAsync("[{\"" + new string('x', 60_000) + "\":1}]");

        Assert.Contains(read.Says(), said => said == $"1 {new string('x', 100)}…: is not a known property");
    }

    [Fact]
    public async Task List_InWhateverPieces_IsReadTheSame()
    {
        var rows = new RandomRows(seed: 2).Next(300).Select(row => row with { Source = "Grüße, \"中文\" 😀" });
        var json = Encoding.UTF8.GetBytes(Row.Json(rows).ToString());
        var whole = await ReadRows.OfAsync(new JsonObservations(PipeReader.Create(new MemoryStream(json)), ReadRows.Today));
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var body = new PiecewiseBody(json, () => random.Next(1, seed < 10 ? 8 : 400));
            var pieces = await ReadRows.OfAsync(new JsonObservations(PipeReader.Create(body), ReadRows.Today));
            Assert.Equal(whole.Rows, pieces.Rows);
        }
        Assert.Equal(300, whole.Rows.Count);
        Assert.Empty(whole.Rejected);
    }

    [Fact]
    public async Task List_OfMoreThanAChunk_IsReadInSeveral()
    {
        var read = await ReadAsync($"[{string.Join(',', Enumerable.Range(0, 45_000).Select(n => Good.Replace("\"1\"", $"\"{n}\"")))}]");

        Assert.Equal(Enumerable.Range(0, 45_000).Select(n => $"{n}"), read.Rows.Select(row => row.Observation.Id));
        Assert.Equal(Enumerable.Range(1, 45_000).Select(n => (long)n), read.Rows.Select(row => row.Line));
    }

    private static Task<ReadRows> ReadAsync(string json) =>
        ReadRows.OfAsync(new JsonObservations(PipeReader.Create(new MemoryStream(Encoding.UTF8.GetBytes(json))), ReadRows.Today));
}
