using System.Text;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.LinkedData;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.ServiceDefaults.Tests.LinkedData;

public sealed class LinkedFormTests
{
    private static readonly PublicOrigin s_origin = new("https://learn.example");

    [Theory]
    [InlineData("", "", "application/json", """{"slug":"a","name":"A"}""")]
    [InlineData("", "?fields=name", "application/json", """{"name":"A"}""")]
    [InlineData("application/ld+json", "", "application/ld+json", "https://learn.example/a")]
    public void Resource_InTheFormAskedFor_IsThatMediaTypeAndItsBytes(string accept, string query, string mediaType, string body)
    {
        var (form, faults) = Read(accept, query, s_origin);

        Assert.False(faults.Any);
        var written = Write(form!);
        Assert.Equal(mediaType, written.ContentType);
        Assert.Equal(body, Encoding.UTF8.GetString(written.Body.Span));
        Assert.StartsWith("\"7-", written.ETag, StringComparison.Ordinal);
    }

    [Fact]
    public void LinkedData_WithoutAnOrigin_HasRelativeAddresses() =>
        Assert.Equal("/a", Encoding.UTF8.GetString(Write(Read("application/ld+json", "", new PublicOrigin("")).Form!).Body.Span));

    [Fact]
    public void Key_OfEachForm_IsItsOwn()
    {
        string[] keys =
        [
            KeyOf("", "", s_origin),
            KeyOf("", "?fields=name", s_origin),
            KeyOf("application/ld+json", "", s_origin),
            KeyOf("application/ld+json", "", new PublicOrigin("https://other.example")),
            KeyOf("application/ld+json", "", new PublicOrigin("")),
        ];

        Assert.Equal(keys.Length, keys.Distinct().Count());
        Assert.Equal(keys[0], LinkedForm.Json.Key);
    }

    [Fact]
    public void Properties_OfLinkedData_AreAFault() =>
        Assert.Equal(
            "can only be chosen of application/json",
            Assert.Single(Read("application/ld+json", "?fields=name", s_origin).Faults.ByPlace["fields"])
        );

    [Fact]
    public void Form_OfARequestThatAcceptsNeither_IsNoneAndTheRefusalSaysWhatThereIs()
    {
        var request = new DefaultHttpContext().Request;
        request.Headers.Accept = "image/png";

        Assert.Null(Read("image/png", "", s_origin).Form);
        var refusal = LinkedForm.Refuse(request, "A thing");
        Assert.Equal(406, refusal.StatusCode);
        Assert.Equal("A thing comes as one of application/json, application/ld+json.", refusal.ProblemDetails.Detail);
        Assert.Equal("Accept", request.HttpContext.Response.Headers.Vary.ToString());
    }

    private static string KeyOf(string accept, string query, PublicOrigin origin) => Read(accept, query, origin).Form!.Key;

    private static Representation Write(LinkedForm form) =>
        form.Write(7, default, () => """{"slug":"a","name":"A"}"""u8.ToArray(), origin => Encoding.UTF8.GetBytes($"{origin}/a"));

    private static (LinkedForm? Form, Faults Faults) Read(string accept, string query, PublicOrigin origin)
    {
        var request = new DefaultHttpContext().Request;
        if (accept.Length > 0)
        {
            request.Headers.Accept = accept;
        }
        request.QueryString = new QueryString(query);
        var faults = new Faults();
        return (LinkedForm.Read(request, new QueryInput(request, faults), ["slug", "name"], origin), faults);
    }
}
