using System.Text;
using BackendGuide.CareerService.Salaries.Observations;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>What is read of a CSV, without a server.</summary>
public sealed class CsvObservationsTests
{
    private const string Header = "id,level,region,currency,year,amount,source";

    [Fact]
    public async Task Row_WithEveryColumn_IsReadWhole()
    {
        var read = await ReadAsync($"{Row.Header}\n1,senior,DE-BE,EUR,2026,85000,A survey,https://example.org/,CC0-1.0,2026-03-01\n");

        var (line, observation) = Assert.Single(read.Rows);
        Assert.Equal(2, line);
        Assert.Equal(
            "Observation { Id = 1, Group = SalaryGroup { Level = senior, Region = DE-BE, Currency = EUR, Year = 2026, RegionOrNull = DE-BE }, Amount = 85000, "
                + "Source = ObservationSource { Name = A survey, Url = https://example.org/, Licence = CC0-1.0 }, AsOf = 03/01/2026 }",
            observation.ToString()
        );
    }

    [Fact]
    public async Task Row_WithoutWhatIsOptional_HasNoRegionAndNothingOfTheSourceButItsName()
    {
        var read = await ReadAsync($"{Header}\n1,entry,,USD,1999,1,x");

        var observation = Assert.Single(read.Rows).Observation;
        Assert.Equal(
            ("", null, null, null),
            (observation.Group.Region, observation.Source.Url, observation.Source.Licence, observation.AsOf)
        );
    }

    [Theory]
    [InlineData("\r\n")]
    [InlineData("\n")]
    [InlineData("\r")]
    public async Task Rows_WithWhateverLineEndingAndAByteOrderMark_AreRead(string newLine)
    {
        var read = await ReadAsync("\ufeff" + string.Join(newLine, Header, "1,entry,,USD,2025,10,x", "2,entry,,USD,2025,11,x", ""));

        Assert.Empty(read.Rejected);
        Assert.Equal([(2L, "1"), (3L, "2")], read.Rows.Select(row => (row.Line, row.Observation.Id)));
    }

    [Fact]
    public async Task Columns_InAnotherOrder_AreFoundByTheirNames()
    {
        var read = await ReadAsync("source,amount,as_of,year,currency,region,level,id\nx,10,2025-01-31,2025,USD,US-CA,lead,a\n");

        var observation = Assert.Single(read.Rows).Observation;
        Assert.Equal(("a", "lead", "US-CA", 10L), (observation.Id, observation.Group.Level, observation.Group.Region, observation.Amount));
        Assert.Equal(new DateOnly(2025, 1, 31), observation.AsOf);
    }

    [Fact]
    public async Task Fields_InQuotes_MayHaveCommasQuotesAndLineBreaksAndLinesAreCounted()
    {
        var csv =
            $"{Header}\n\"a,\"\"b\"\"\",entry,,USD,2025,10,\"two\r\nlines\nthree\"\n2,entry,,USD,2025,x,y\n\n\n3,entry,,USD,2025,12,z\n";

        var read = await ReadAsync(csv);

        Assert.Equal([(2L, "a,\"b\""), (8L, "3")], read.Rows.Select(row => (row.Line, row.Observation.Id)));
        Assert.Equal("two\r\nlines\nthree", read.Rows[0].Observation.Source.Name);
        Assert.Equal([5L], read.Rejected.Select(row => row.Line));
    }

    [Theory]
    [InlineData("", "amount,currency,id,level,region,source,year")]
    [InlineData("id,level,region,currency,year,source\n", "amount")]
    [InlineData("id,level,region,currency,year,amount,source,id\n", "id")]
    [InlineData("id,level,region,currency,year,amount,source,note\n", "note")]
    [InlineData("id,level,region,currency,year,Amount,source\n", "Amount,amount")]
    [InlineData("id, level,region,currency,year,amount,source\n", " level,level")]
    [InlineData(
        "id;level;region;currency;year;amount;source\n",
        "amount,currency,id,id;level;region;currency;year;amount;source,level,region,source,year"
    )]
    [InlineData("id,level,region,currency,year,amount,source,\"x\"y\n", "$")]
    public async Task Header_AtFault_NamesEachColumn(string csv, string places)
    {
        var unreadable = await Assert.ThrowsAsync<UnreadableUploadException>(() => ReadAsync(csv));

        Assert.Equal(places.Split(','), unreadable.Faults.ByPlace.Keys.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Header_WithSemicolons_SaysWhatSeparatesColumns()
    {
        var unreadable = await Assert.ThrowsAsync<UnreadableUploadException>(() => ReadAsync("id;amount\n"));

        Assert.Contains("columns are separated by commas", unreadable.Faults.ByPlace["id;amount"].Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Header_OfAThousandOtherColumns_NamesSomeOfThem()
    {
        var csv = string.Join(',', Enumerable.Range(0, 1_000).Select(n => $"column {n}"));

        var unreadable = await Assert.ThrowsAsync<UnreadableUploadException>(() => ReadAsync(csv));

        Assert.Equal(27, unreadable.Faults.ByPlace.Count); // the 7 that are missing, and 20 of those that are there
    }

    [Theory]
    [InlineData(
        "1,entry,,USD,2025,85000,50,x",
        "row: has 8 columns, and the header has 7: a comma inside of a field needs double quotes around it"
    )]
    [InlineData(
        "1,entry,,USD,2025,85000",
        "row: has 6 columns, and the header has 7: a comma inside of a field needs double quotes around it"
    )]
    [InlineData(
        "1,entry,,USD,2025,\"85000,50\",x",
        "amount: must be a whole number in digits alone: no sign, decimal comma or point, separator, space or unit"
    )]
    [InlineData(
        "1,ent\"ry,,USD,2025,85000,x",
        "row: has a double quote that is not closed, or one in the middle of a field: a field with quotes stands in quotes, and those inside of it are doubled"
    )]
    [InlineData(
        "1,\"entry\"x,,USD,2025,85000,x",
        "row: has a double quote that is not closed, or one in the middle of a field: a field with quotes stands in quotes, and those inside of it are doubled"
    )]
    [InlineData(
        "\"1,entry,,USD,2025,85000,x",
        "row: has a double quote that is not closed, or one in the middle of a field: a field with quotes stands in quotes, and those inside of it are doubled"
    )]
    [InlineData(
        "1,entry,,USD,2025,85000,\"x",
        "row: has a double quote that is not closed, or one in the middle of a field: a field with quotes stands in quotes, and those inside of it are doubled"
    )]
    public async Task Row_AtFault_IsRefusedWithItsLineAndTheRestIsRead(string row, string expected)
    {
        var read = await ReadAsync($"{Header}\n0,entry,,USD,2025,1,x\n{row}");

        Assert.Equal("0", Assert.Single(read.Rows).Observation.Id);
        Assert.Equal([$"3 {expected}"], read.Says());
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\n")]
    [InlineData("\r")]
    public async Task Quote_TooMany_IsTheFaultOfItsLineAlone(string newLine)
    {
        string[] lines =
        [
            Header,
            "1,entry,,USD,2025,10,x",
            "2,entry,,USD,2025,11,\"Survey",
            "3,entry,,USD,2025,12,x",
            "4,entry,,USD,2025,13,\"A, survey\"",
            "5,entry,,USD,2025,y,x",
            "6,entry,,USD,2025,15,\"Survey",
            "7,entry,,USD,2025,16,x",
        ];

        var read = await ReadAsync(string.Join(newLine, lines));

        Assert.Equal([(2L, "1"), (4L, "3"), (5L, "4"), (8L, "7")], read.Rows.Select(row => (row.Line, row.Observation.Id)));
        Assert.Equal([(3L, "row"), (6L, "amount"), (7L, "row")], read.Rejected.Select(row => (row.Line, row.Errors.Keys.Single())));
    }

    [Fact]
    public async Task Row_ThatIsTooLong_IsRefusedAndTheRestIsRead()
    {
        var read = await ReadAsync(
            $"{Header}\n1,entry,,USD,2025,10,x\n2,entry,,USD,2025,10,{new string('x', 200_000)}\n3,entry,,USD,2025,10,x\n"
        );

        Assert.Equal([(2L, "1"), (4L, "3")], read.Rows.Select(row => (row.Line, row.Observation.Id)));
        Assert.Equal(["3 row: has over 65536 bytes"], read.Says());
    }

    [Theory]
    [InlineData("2026-11-23", null)]
    [InlineData("2026-11-24", "2 as_of: is in the future")]
    [InlineData("9999-12-31", "2 as_of: is in the future")]
    public async Task Day_ThatIsStillToCome_IsRefused(string day, string? expected)
    {
        var read = await ReadAsync($"{Row.Header}\n1,senior,DE-BE,EUR,2026,85000,A survey,,,{day}\n");

        Assert.Equal(expected is null ? [] : [expected], read.Says());
    }

    [Fact]
    public async Task Row_WithBytesThatAreNoUtf8_IsRefusedAndTheOthersAreNot()
    {
        byte[] csv =
        [
            .. Encoding.UTF8.GetBytes($"{Header}\n1,entry,,USD,2025,10,Caf"),
            0xE9,
            .. Encoding.UTF8.GetBytes("\n2,entry,,USD,2025,10,Café\n"),
        ];

        var read = await ReadAsync(new MemoryStream(csv));

        Assert.Equal("Café", Assert.Single(read.Rows).Observation.Source.Name);
        Assert.Equal(["2 source: must be UTF-8, without U+0000"], read.Says());
    }

    [Fact]
    public async Task File_ThatSaysByItsMarkThatItIsUtf16_IsReadAsThat()
    {
        byte[] csv = [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes($"{Header}\n1,entry,,USD,2025,10,Café\n")];

        var read = await ReadAsync(new MemoryStream(csv));

        Assert.Equal("Café", Assert.Single(read.Rows).Observation.Source.Name);
    }

    [Fact]
    public async Task Quote_ThatIsNeverClosed_EndsTheUploadBeforeItIsAllInMemory()
    {
        using var body = new EndlessBody($"{Header}\n1,entry,,USD,2025,10,\"", "and on and on ");

        var unreadable = await Assert.ThrowsAsync<UnreadableUploadException>(() => ReadAsync(body));

        Assert.Contains("is a quote not closed?", unreadable.Faults.ByPlace["$"].Single(), StringComparison.Ordinal);
        Assert.InRange(body.Given, 64 * 1024, 512 * 1024);
    }

    [Theory]
    [InlineData("\n", false)]
    [InlineData("\r", false)]
    [InlineData("\r\n", false)]
    [InlineData("\r\n", true)]
    public async Task Quote_ThatIsNeverClosed_CostsItsOwnLineAlone(string lineBreak, bool isFromPieces)
    {
        // Before each of the two a record of several lines and an empty line; behind each more than a record may have.
        const int Between = 80_000;
        string[] lines =
        [
            Header,
            "1,entry,,USD,2025,10,\"of",
            "two lines\"",
            "",
            "2,entry,,USD,2025,10,\"bad",
            .. Rows(3, Between),
            $"{Between + 3},entry,,USD,2025,10,\"of",
            "two lines\"",
            $"{Between + 4},entry,,USD,2025,\"10,bad",
            .. Rows(Between + 5, Between),
        ];
        var csv = Encoding.UTF8.GetBytes('\uFEFF' + string.Join(lineBreak, lines));
        var random = new Random(1);

        var read = await ReadAsync(isFromPieces ? new PiecewiseBody(csv, () => random.Next(1, 5_000)) : new MemoryStream(csv));

        Assert.Equal([(5L, "row"), (Between + 8L, "row")], read.Rejected.Select(row => (row.Line, row.Errors.Keys.Single())));
        Assert.Equal(
            [
                (2L, "1"),
                .. Enumerable.Range(3, Between).Select(n => (n + 3L, $"{n}")),
                (Between + 6L, $"{Between + 3}"),
                .. Enumerable.Range(Between + 5, Between).Select(n => (n + 4L, $"{n}")),
            ],
            read.Rows.Select(row => (row.Line, row.Observation.Id))
        );

        static IEnumerable<string> Rows(int first, int count) =>
            Enumerable.Range(first, count).Select(n => $"{n},entry,,USD,2025,10,Survey");
    }

    [Fact]
    public async Task Quotes_ThatOpenInEachLine_TakeNoMoreThanTheirLines()
    {
        var csv = $"{Header}\n{string.Concat(Enumerable.Repeat("a\",\"b\n", 200_000))}1,entry,,USD,2025,10,Survey\n";

        var read = await ReadAsync(csv);

        Assert.All(read.Rejected, row => Assert.Equal(["row"], row.Errors.Keys));
        Assert.Equal((200_002L, "1"), Assert.Single(read.Rows.Select(row => (row.Line, row.Observation.Id))));
    }

    [Fact]
    public async Task File_InWhateverPieces_IsReadTheSame()
    {
        var csv = Encoding.UTF8.GetBytes(
            Row.Csv(new RandomRows(seed: 1).Next(500).Select(row => row with { Source = "Grüße,\r\n\"中文\" 😀" }), "\r\n")
        );
        var whole = await ReadAsync(new MemoryStream(csv));
        for (var seed = 0; seed < 20; seed++)
        {
            var random = new Random(seed);
            var pieces = await ReadAsync(new PiecewiseBody(csv, () => random.Next(1, seed < 10 ? 8 : 400)));
            Assert.Equal(whole.Rows, pieces.Rows);
        }
        Assert.Equal(500, whole.Rows.Count);
        Assert.Empty(whole.Rejected);
    }

    private static Task<ReadRows> ReadAsync(string csv) => ReadAsync(new MemoryStream(Encoding.UTF8.GetBytes(csv)));

    private static async Task<ReadRows> ReadAsync(Stream body)
    {
        using var reader = new CsvObservations(body, ReadRows.Today);
        return await ReadRows.OfAsync(reader);
    }
}
