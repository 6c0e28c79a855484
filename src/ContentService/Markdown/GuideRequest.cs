using System.Buffers;
using System.Text;
using System.Text.Unicode;
using BackendGuide.ContentService.Guides;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ContentService.Markdown;

/// <summary>Reads the body of a PUT: JSON, or Markdown.</summary>
internal static class GuideRequest
{
    /// <summary>Reads it. The endpoint says that it accepts both, so that another media type was refused before.</summary>
    public static async Task<Parsed<GuideBody>> ReadAsync(
        HttpRequest request,
        string locale,
        Faults faults,
        CancellationToken cancellationToken
    )
    {
        if (!IsMarkdown(request))
        {
            return await JsonRequest.ReadObjectAsync(
                request,
                GuideInput.MaxBytes,
                input => GuideInput.Read(input, locale),
                faults,
                cancellationToken
            );
        }
        var bytes = await JsonRequest.ReadBytesAsync(request, cancellationToken);
        if (!Utf8.IsValid(bytes.Span))
        {
            var line = 1 + bytes.Span[..FirstInvalid(bytes.Span)].Count((byte)'\n');
            faults.Add("$", $"line {line}: must be UTF-8");
            return new(default!, faults.ToProblem());
        }
        var body = GuideMarkdown.Read(Encoding.UTF8.GetString(bytes.Span), faults, locale: locale);
        return faults.Any ? new(default!, faults.ToProblem()) : new(body, null);
    }

    private static bool IsMarkdown(HttpRequest request) =>
        MediaTypeHeaderValue.TryParse(request.ContentType, out var type)
        && type.MediaType.Equals(MediaTypes.Markdown, StringComparison.OrdinalIgnoreCase);

    private static int FirstInvalid(ReadOnlySpan<byte> bytes)
    {
        var at = 0;
        while (Rune.DecodeFromUtf8(bytes[at..], out _, out var length) == OperationStatus.Done)
        {
            at += length;
        }
        return at;
    }
}
