using System.IO.Pipelines;
using System.Text;
using BackendGuide.ContentService.Imports;

namespace BackendGuide.ContentService.Tests.Imports;

public sealed class BodyLinesTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(4096)]
    public async Task Lines_InPiecesOfAnySize_AreTheSame(int size)
    {
        var text = "\uFEFFfirst\r\n\r\n \t \nsecond\n\uFEFFthird\n\n\nä last";

        var lines = await ReadAsync(Encoding.UTF8.GetBytes(text), size);

        Assert.Equal(["1 first\r", "4 second", "5 \uFEFFthird", "8 ä last"], lines);
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    [InlineData("\uFEFF")]
    [InlineData("\uFEFF\r\n  \n")]
    public async Task Lines_OfWhatIsBlank_AreNone(string text) => Assert.Empty(await ReadAsync(Encoding.UTF8.GetBytes(text), 3));

    [Fact]
    public async Task Line_LongerThanAny_IsPassedOverAndCounted()
    {
        byte[] body =
        [
            .. "one\n"u8,
            .. new byte[BodyLines.Longest].Select(_ => (byte)'x'),
            .. "\n"u8,
            .. new byte[BodyLines.Longest + 1].Select(_ => (byte)'y'),
            .. "\nfour\n"u8,
            .. new byte[2 * BodyLines.Longest].Select(_ => (byte)'z'),
        ];

        foreach (var size in (int[])[50_000, 1 << 20, body.Length])
        {
            var lines = await ReadAsync(body, size);

            Assert.Equal(["1 one", $"2 {new string('x', BodyLines.Longest)}", "3 too long", "4 four", "5 too long"], lines);
        }
    }

    private static async Task<List<string>> ReadAsync(byte[] body, int size)
    {
        var pipe = new Pipe();
        var writing = WriteAsync(pipe.Writer, body, size);
        var lines = new BodyLines(pipe.Reader);
        List<string> read = [];
        while (await lines.ReadAsync(Token))
        {
            while (lines.TryTake(out var line))
            {
                read.Add($"{line.Number} {(line.IsTooLong ? "too long" : Encoding.UTF8.GetString(line.Text.Span))}");
            }
        }
        await writing;
        return read;
    }

    private static async Task WriteAsync(PipeWriter writer, byte[] body, int size)
    {
        foreach (var piece in body.Chunk(size))
        {
            await writer.WriteAsync(piece, Token);
        }
        await writer.CompleteAsync();
    }
}
