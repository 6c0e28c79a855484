using System.IO.Compression;
using System.Net.Http.Json;

namespace BackendGuide.Testing.OpenApi;

/// <summary>An answer is not what the API's document says.</summary>
public sealed class UndocumentedAnswerException(string message) : Exception(message);

/// <summary>
/// Stands in the clients of the tests and holds each answer of the API to <c>docs/openapi.json</c>: whatever a test sends is also a test of the document.
/// </summary>
/// <param name="covers">Which operations are held to it; null for all.</param>
public sealed class DocumentedAnswers(Predicate<ApiOperation>? covers = null) : DelegatingHandler
{
    private const string Api = "/api/v1/";
    private static readonly string[] s_endless = ["text/event-stream", "application/x-ndjson"];
    private static readonly ExchangeCheck s_check = new(ApiDescription.Committed);

    /// <summary>A client of a server whose answers are held to the document.</summary>
    /// <param name="address">Where the server is.</param>
    /// <param name="covers">Which operations are held to it; null for all.</param>
    public static HttpClient CreateClient(Uri address, Predicate<ApiOperation>? covers = null) =>
        new(
            new DocumentedAnswers(covers)
            {
                InnerHandler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false },
            }
        )
        {
            BaseAddress = address,
        };

    /// <inheritdoc />
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var response = await base.SendAsync(request, cancellationToken);
        if (IsChecked(request))
        {
            var exchange = await ReadAsync(request, response, cancellationToken);
            if (s_check.Faults(exchange) is { Count: > 0 } faults)
            {
                throw new UndocumentedAnswerException(
                    $"{exchange.Method} {exchange.Target.PathAndQuery} was answered {exchange.Status}, which is not as docs/openapi.json says (how to change "
                        + $"it: docs/openapi.md):\n{string.Join('\n', faults)}"
                );
            }
        }
        return response;
    }

    private bool IsChecked(HttpRequestMessage request)
    {
        var operation = s_check.Find(request.Method.Method, request.RequestUri!);
        return operation is null
            ? covers is null && request.RequestUri!.AbsolutePath.StartsWith(Api, StringComparison.Ordinal)
            : covers?.Invoke(operation) ?? true;
    }

    private static async Task<Exchange> ReadAsync(
        HttpRequestMessage request,
        HttpResponseMessage response,
        CancellationToken cancellationToken
    )
    {
        var headers = response.Headers.NonValidated.Concat(response.Content.Headers.NonValidated);
        return new Exchange(
            request.Method.Method,
            request.RequestUri!,
            (int)response.StatusCode,
            headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase)
        )
        {
            SentType = request.Content?.Headers.ContentType?.MediaType,
            // Of these the bytes are still there after they were sent.
            Sent = request.Content is ByteArrayContent or JsonContent
                ? await request.Content.ReadAsByteArrayAsync(cancellationToken)
                : null,
            GivenType = response.Content.Headers.ContentType?.MediaType,
            Given = await ReadBodyAsync(response, cancellationToken),
        };
    }

    private static async Task<ReadOnlyMemory<byte>?> ReadBodyAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        if (s_endless.Contains(response.Content.Headers.ContentType?.MediaType))
        {
            return null;
        }
        await response.Content.LoadIntoBufferAsync(cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var coding = response.Content.Headers.ContentEncoding.SingleOrDefault();
        if (coding is null || body.Length == 0)
        {
            return body;
        }
        using var encoded = new MemoryStream(body);
        await using Stream? decoding = coding switch
        {
            "br" => new BrotliStream(encoded, CompressionMode.Decompress),
            "gzip" => new GZipStream(encoded, CompressionMode.Decompress),
            _ => null, // nothing here reads zstd; the same answers come in the others
        };
        if (decoding is null)
        {
            return null;
        }
        using var decoded = new MemoryStream();
        await decoding.CopyToAsync(decoded, cancellationToken);
        return decoded.ToArray();
    }
}
