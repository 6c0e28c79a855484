using BackendGuide.Gateway.Caching;
using BackendGuide.ServiceDefaults.Http;

namespace BackendGuide.Gateway.Feeds;

/// <summary>A document that the gateway makes itself, in each coding that was asked for so far.</summary>
/// <param name="kind">What its tags begin with.</param>
/// <param name="contentType">Its media type, with the charset.</param>
/// <param name="body">Its bytes, UTF-8.</param>
internal sealed class FeedDocument(string kind, string contentType, ReadOnlyMemory<byte> body)
{
    private readonly AnswerForm _identity = new(body, null, Representation.CreateETag(kind, body.Span));
    private readonly AnswerForm?[] _forms = new AnswerForm?[(int)ContentCoding.Identity];

    public string ContentType => contentType;

    public int Length => body.Length;

    // Two who ask at once both make it, and the same bytes.
    public AnswerForm In(ContentCoding coding) =>
        coding == ContentCoding.Identity ? _identity : _forms[(int)coding] ??= _identity.In(coding);
}
