using BackendGuide.ContentService.Guides;

namespace BackendGuide.ContentService.Tests.Guides;

public sealed class GuideLocaleTests
{
    [Theory]
    [InlineData("en", "en")]
    [InlineData("EN", "en")]
    [InlineData("pt-br", "pt-BR")]
    [InlineData("ZH-hANT-tw", "zh-Hant-TW")]
    [InlineData("es-419", "es-419")]
    [InlineData("DE-1996", "de-1996")]
    [InlineData("sl-ROZAJ-biske", "sl-rozaj-biske")]
    [InlineData("en-US-U-CA-gregory", "en-US-u-ca-gregory")]
    [InlineData("de-X-AB-abcd", "de-x-ab-abcd")]
    [InlineData("X-Whatever-US", "x-whatever-us")]
    [InlineData("I-Klingon", "i-klingon")]
    [InlineData("en-gb-OED", "en-GB-oed")]
    [InlineData("SGN-be-fr", "sgn-BE-FR")]
    [InlineData("art-Lojban", "art-lojban")]
    [InlineData("zh-min-nan", "zh-min-nan")]
    [InlineData("Root", "root")]
    public void Tag_WellFormed_HasOneSpelling(string text, string expected) => Assert.Equal(expected, GuideLocale.Parse(text));

    [Theory]
    [InlineData("")]
    [InlineData("e")]
    [InlineData("en_US")]
    [InlineData("en-")]
    [InlineData("-en")]
    [InlineData("en--US")]
    [InlineData("en-US-DE")]
    [InlineData("de-1996-1996")]
    [InlineData("en-a-bb-a-cc")]
    [InlineData("en-a")]
    [InlineData("x")]
    [InlineData("x-")]
    [InlineData("x-abcdefghi")]
    [InlineData("i-elvish")]
    [InlineData("en\n")]
    [InlineData("en-abcdefghi")]
    [InlineData("en-u-ca-gregory-x-abcdefgh-abcdefgh-abcdefgh")]
    public void Tag_Malformed_IsNone(string text) => Assert.Null(GuideLocale.Parse(text));
}
