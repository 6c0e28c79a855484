using BackendGuide.ServiceDefaults.Http;
using Microsoft.Extensions.Primitives;

namespace BackendGuide.ServiceDefaults.Tests.Http;

public sealed class IdempotencyKeyTests
{
    [Theory]
    [InlineData("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("\"8e03978e-40d5-43dd-bc93-6894a57f9324\"", "8e03978e-40d5-43dd-bc93-6894a57f9324")]
    [InlineData("a", "a")]
    [InlineData("\"a\"", "a")]
    [InlineData("ZmlybXdhcmU/+w==", "ZmlybXdhcmU/+w==")]
    [InlineData("!~", "!~")]
    [InlineData("""back\slash""", """back\slash""")]
    [InlineData("\"a,b;c\"", "a,b;c")]
    [InlineData(
        """
            "q\"b\\"
            """,
        """q"b\"""
    )]
    public void Parse_OfAKey_GivesItWithoutItsQuotes(string value, string key) => Assert.Equal(key, IdempotencyKey.Parse(value));

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("a b")]
    [InlineData("a,b")]
    [InlineData("a, b")]
    [InlineData("a;b=1")]
    [InlineData("a\tb")]
    [InlineData("a\n")]
    [InlineData("a\u007f")]
    [InlineData("é")]
    [InlineData("\"\"")]
    [InlineData("\"a b\"")]
    [InlineData("\"a")]
    [InlineData("a\"")]
    [InlineData("\"a\"b\"")]
    [InlineData("\"a\";b=1")]
    [InlineData("\"a\", \"b\"")]
    [InlineData(
        """
            "a\"
            """
    )]
    [InlineData(
        """
            "a\b"
            """
    )]
    [InlineData("\"é\"")]
    public void Parse_OfAnythingElse_GivesNothing(string value) => Assert.Null(IdempotencyKey.Parse(value));

    [Theory]
    [InlineData(255, true)]
    [InlineData(256, false)]
    public void Parse_OfALongKey_TakesUpTo255Characters(int length, bool taken)
    {
        Assert.Equal(taken, IdempotencyKey.Parse(new string('a', length)) is not null);
        Assert.Equal(taken, IdempotencyKey.Parse($"\"{new string('a', length)}\"") is not null);
        Assert.Equal(taken, IdempotencyKey.Parse($"\"{string.Concat(Enumerable.Repeat("\\\\", length))}\"") is not null);
    }

    [Fact]
    public void Parse_OfAHeaderGivenTwice_GivesNothing() => Assert.Null(IdempotencyKey.Parse(new StringValues(["a", "a"])));
}
