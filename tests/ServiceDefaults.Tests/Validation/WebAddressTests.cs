using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ServiceDefaults.Tests.Validation;

public sealed class WebAddressTests
{
    [Theory]
    [InlineData("https://www.postgresql.org/", true)]
    [InlineData("http://example.org/a%20b?c=d&e=(f)#g", true)]
    [InlineData("https://example.org/caf%C3%A9", true)]
    [InlineData("https://example.org/\"a", false)]
    [InlineData("https://example.org/{a}|^", false)]
    [InlineData("https://example.org/%zz", false)]
    [InlineData("https://example.org/<a>", false)]
    [InlineData("https://example.org/a b", false)]
    [InlineData("ftp://example.org/", false)]
    [InlineData("example.org", false)]
    public void Address_IsValid_AsTheWebHasThem(string text, bool expected) => Assert.Equal(expected, WebAddress.IsValid(text));
}
