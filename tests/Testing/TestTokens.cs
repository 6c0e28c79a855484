using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BackendGuide.Testing;

/// <summary>An issuer for tests, with an ES256 key of its own. What it signs is as a service that was given its key wants it.</summary>
public sealed class TestTokens : IDisposable
{
    /// <summary>The issuer that it names, and that a service under test must take.</summary>
    public const string Issuer = "backendguide-local";

    /// <summary>The audience that it names.</summary>
    public const string Audience = "backendguide";

    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string keyId = Guid.NewGuid().ToString("N");

    /// <summary>The public key as a JWK, for <c>Authentication:Schemes:Bearer:LocalKey</c>.</summary>
    public string PublicKey
    {
        get
        {
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            var (x, y) = (Base64Url.EncodeToString(point.X), Base64Url.EncodeToString(point.Y));
            return JsonSerializer.Serialize(
                new
                {
                    kty = "EC",
                    crv = "P-256",
                    x,
                    y,
                    kid = keyId,
                    alg = "ES256",
                    use = "sig",
                }
            );
        }
    }

    /// <summary>The settings that make a service take this issuer's tokens.</summary>
    public IReadOnlyDictionary<string, string?> Settings =>
        new Dictionary<string, string?>
        {
            ["Authentication:Schemes:Bearer:ValidIssuers:0"] = Issuer,
            ["Authentication:Schemes:Bearer:ValidAudiences:0"] = Audience,
            ["Authentication:Schemes:Bearer:LocalKey"] = PublicKey,
        };

    /// <summary>Signs a token.</summary>
    /// <param name="scope">The scopes, separated by spaces.</param>
    /// <param name="subject">Who it is for.</param>
    /// <param name="lifetime">How long it holds; an hour by default, negative for one that has expired.</param>
    /// <param name="issuer">The issuer to name.</param>
    /// <param name="audience">The audience to name.</param>
    /// <param name="type">The header's <c>typ</c>.</param>
    public string Create(
        string scope,
        string subject = "editor",
        TimeSpan? lifetime = null,
        string issuer = Issuer,
        string audience = Audience,
        string type = "JWT"
    )
    {
        var now = TimeProvider.System.GetUtcNow();
        var expires = now + (lifetime ?? TimeSpan.FromHours(1));
        var header = Encode(
            new
            {
                alg = "ES256",
                typ = type,
                kid = keyId,
            }
        );
        var claims = Encode(
            new
            {
                iss = issuer,
                aud = audience,
                sub = subject,
                scope,
                iat = now.ToUnixTimeSeconds(),
                exp = expires.ToUnixTimeSeconds(),
            }
        );
        var signature = key.SignData(Encoding.ASCII.GetBytes($"{header}.{claims}"), HashAlgorithmName.SHA256);
        return $"{header}.{claims}.{Base64Url.EncodeToString(signature)}";
    }

    /// <inheritdoc/>
    public void Dispose() => key.Dispose();

    private static string Encode<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));
}
