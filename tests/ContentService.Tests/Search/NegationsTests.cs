using BackendGuide.ContentService.Search;

namespace BackendGuide.ContentService.Tests.Search;

public sealed class NegationsTests
{
    [Theory]
    [InlineData("python -snake", "python -snake")]
    [InlineData("git --force", "git force")]
    [InlineData("---a", "-a")]
    [InlineData("- - b", " b")]
    [InlineData("-!-(-c", "-c")]
    [InlineData("<-<-d", "<d")]
    [InlineData("\"x\"--d", "\"x\"d")]
    [InlineData("\"a --b\" --c", "\"a --b\" c")]
    [InlineData("left--right a-b", "left--right a-b")]
    [InlineData("--\"a phrase\"", "\"a phrase\"")]
    [InlineData("no end \"of --it", "no end \"of --it")]
    public void Fold_LeavesOneMinusOfAnOddNumberBeforeAWordAndNoneOfAnEvenOne(string typed, string folded) =>
        Assert.Equal(folded, Negations.Fold(typed));
}
