using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Tests.Following;

public sealed class ChangeCursorTests
{
    private static readonly ChangeCursor s_both = ChangeCursor
        .Start.With(EventSources.Content, new FeedPosition(Guid.CreateVersion7(), 17))
        .With(EventSources.Career, new FeedPosition(Guid.CreateVersion7(), long.MaxValue));

    public static TheoryData<ChangeCursor> Cursors =>
        [ChangeCursor.Start, s_both, ChangeCursor.Start.With(EventSources.Career, new FeedPosition(Guid.NewGuid(), 0))];

    [Theory]
    [MemberData(nameof(Cursors))]
    public void Cursor_WrittenAndRead_IsTheSame(ChangeCursor cursor)
    {
        Assert.True(ChangeCursor.TryParse(cursor.ToString(), out var read));
        Assert.Equal(cursor, read);
        Assert.Equal(cursor.ToString(), read.ToString());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("AQ")]
    [InlineData("not a cursor")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    public void Text_ThatWasNotGivenOut_IsNoCursor(string? text) => Assert.False(ChangeCursor.TryParse(text, out _));

    [Fact]
    public void Cursor_WithOneCharacterChangedOrLostOrAdded_IsNone()
    {
        var text = s_both.ToString();
        for (var i = 0; i < text.Length; i++)
        {
            Assert.False(ChangeCursor.TryParse(text[..i] + (text[i] == 'x' ? 'y' : 'x') + text[(i + 1)..], out _), $"at {i}");
            Assert.False(ChangeCursor.TryParse(text.Remove(i, 1), out _), $"without {i}");
            Assert.False(ChangeCursor.TryParse(text.Insert(i, "A"), out _), $"more at {i}");
        }
        Assert.False(ChangeCursor.TryParse(new string('A', 100_000), out _));
    }

    [Fact]
    public void Cursor_OfAnUnknownSource_CannotBeMade() =>
        Assert.Throws<ArgumentException>(() => ChangeCursor.Start.With("/things", new FeedPosition(Guid.NewGuid(), 1)));
}
