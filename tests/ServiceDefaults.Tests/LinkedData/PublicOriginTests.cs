using BackendGuide.ServiceDefaults.LinkedData;
using Microsoft.Extensions.Configuration;

namespace BackendGuide.ServiceDefaults.Tests.LinkedData;

public sealed class PublicOriginTests
{
    [Theory]
    [InlineData("https://learn.example", "https://learn.example")]
    [InlineData("https://learn.example/", "https://learn.example")]
    [InlineData("HTTP://Learn.example:8080", "http://learn.example:8080")]
    [InlineData("", "")]
    [InlineData(null, "")]
    public void Origin_OfASetting_IsItsSchemeAndHost(string? setting, string expected) => Assert.Equal(expected, Read(setting).Text);

    [Theory]
    [InlineData("learn.example")]
    [InlineData("https://learn.example/api")]
    [InlineData("https://learn.example/?a")]
    [InlineData("https://learn.example/#a")]
    [InlineData("https://me@learn.example")]
    [InlineData("ftp://learn.example")]
    [InlineData("/")]
    public void Setting_ThatIsNoOrigin_IsRefusedByItsName(string setting)
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => Read(setting));

        Assert.Equal($"Content:PublicUrl is an origin such as https://learn.example, without a path: {setting}", refusal.Message);
    }

    private static PublicOrigin Read(string? setting) =>
        PublicOrigin.Read(
            new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("Content:PublicUrl", setting)]).Build(),
            "Content:PublicUrl"
        );
}
