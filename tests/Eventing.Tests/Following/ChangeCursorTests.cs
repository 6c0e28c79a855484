using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Tests.Following;

public sealed class ChangeCursorTests
{
    private static readonly Guid s_epoch = Guid.CreateVersion7();

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

    [Theory]
    [InlineData(5L, 9L, 5L, 9L, true)]
    [InlineData(6L, 9L, 5L, 9L, true)]
    [InlineData(5L, 8L, 5L, 9L, false)]
    [InlineData(9L, 8L, 5L, 9L, false)]
    [InlineData(5L, null, 5L, 9L, false)]
    [InlineData(5L, 9L, 5L, null, true)]
    [InlineData(5L, null, 5L, 0L, true)]
    public void Cursor_IsAtLeastAnother_WhereItIsNotBeforeItInAnySource(
        long content,
        long? career,
        long other,
        long? careers,
        bool isAtLeast
    ) => Assert.Equal(isAtLeast, At(s_epoch, content, career).IsAtLeast(At(s_epoch, other, careers)));

    [Fact]
    public void Cursor_OfAnotherHistory_IsNotAtLeastWhateverItsPosition()
    {
        Assert.False(At(Guid.NewGuid(), 100, null).IsAtLeast(At(s_epoch, 5, null)));
        Assert.True(At(Guid.NewGuid(), 100, null).IsAtLeast(ChangeCursor.Start));
    }

    [Fact]
    public void Later_OfTwoCursors_HasTheLaterOfEachSourceAndItsOwnWhereTheHistoriesDiffer()
    {
        var later = At(s_epoch, 5, 9).Later(At(s_epoch, 7, 8));
        Assert.Equal(At(s_epoch, 7, 9), later);
        Assert.Equal(At(s_epoch, 5, 8), At(s_epoch, 5, null).Later(At(s_epoch, 4, 8)));
        Assert.Equal(At(s_epoch, 5, null), At(s_epoch, 5, null).Later(At(Guid.NewGuid(), 7, null)));
    }

    private static ChangeCursor At(Guid epoch, long content, long? career)
    {
        var cursor = ChangeCursor.Start.With(EventSources.Content, new FeedPosition(epoch, content));
        return career is { } position ? cursor.With(EventSources.Career, new FeedPosition(epoch, position)) : cursor;
    }
}
