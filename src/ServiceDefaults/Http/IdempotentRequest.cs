using System.Security.Cryptography;
using System.Text;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>A request that may come again: two with the same subject, path and key are meant as one.</summary>
/// <param name="Subject">Who sent it: SHA-256 of the token's issuer and subject, of one length whatever a token says.</param>
/// <param name="Path">The path with its query, as the server reads them: an address that is only written otherwise is the same.</param>
/// <param name="Key">The Idempotency-Key, 1 to 255 visible ASCII characters.</param>
/// <param name="BodyHash">SHA-256 of the body's bytes as they came: what must be the same for the request to be the same.</param>
public sealed record IdempotentRequest(byte[] Subject, string Path, string Key, byte[] BodyHash)
{
    // The three are one index entry, for which PostgreSQL has 2,700 bytes.
    private const int MaxPathLength = 1_000;
    private const int MaxBodyBytes = 1024 * 1024;

    /// <summary>Reads what makes the request one that may come again. The body can be read once more after it.</summary>
    /// <returns>Null where the request has no Idempotency-Key, or where what it has is a fault.</returns>
    public static async Task<IdempotentRequest?> ReadAsync(HttpRequest request, Faults faults, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(faults);
        if (!request.Headers.TryGetValue(IdempotencyKey.Header, out var values))
        {
            return null;
        }
        var key = IdempotencyKey.Parse(values);
        var path = PathOf(request);
        var subject = SubjectOf(request);
        Refuse(key is null, IdempotencyKey.Rule);
        Refuse(path.Length > MaxPathLength, $"needs an address of at most {MaxPathLength} characters");
        Refuse(subject is null, "needs a token that names its subject (sub)");
        return key is null || subject is null || path.Length > MaxPathLength
            ? null
            : new IdempotentRequest(subject, path, key, await HashBodyAsync(request, cancellationToken));

        void Refuse(bool isWrong, string message)
        {
            if (isWrong)
            {
                faults.Add(IdempotencyKey.Header, message);
            }
        }
    }

    private static string PathOf(HttpRequest request)
    {
        var query = QueryString.Create(request.Query.OrderBy(parameter => parameter.Key, StringComparer.Ordinal));
        return UriHelper.BuildRelative(request.PathBase, request.Path, query);
    }

    // A subject is unique within its issuer alone (RFC 7519, 4.1.2), and an issuer, being a setting, has no line break.
    private static byte[]? SubjectOf(HttpRequest request)
    {
        var user = request.HttpContext.User;
        return user.FindFirst("sub")?.Value is { Length: > 0 } subject
            ? SHA256.HashData(Encoding.UTF8.GetBytes($"{user.FindFirst("iss")?.Value}\n{subject}"))
            : null;
    }

    private static async Task<byte[]> HashBodyAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        request.EnableBuffering(bufferThreshold: MaxBodyBytes); // in memory, for no body is larger
        var hash = await SHA256.HashDataAsync(request.Body, cancellationToken);
        request.Body.Position = 0;
        return hash;
    }
}
