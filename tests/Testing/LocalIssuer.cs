using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;

namespace BackendGuide.Testing;

/// <summary>Issues tokens as a local run does: an ES256 key of its own, whose public half the services get as a setting.</summary>
public sealed class LocalIssuer : IDisposable
{
    public const string Issuer = "https://issuer.test";
    public const string Audience = "backendguide";
    public const string KeyId = "local";

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The public key as a JWK.</summary>
    public string PublicKey
    {
        get
        {
            var point = _key.ExportParameters(includePrivateParameters: false).Q;
            var jwk = new
            {
                kty = "EC",
                crv = "P-256",
                kid = KeyId,
                x = Base64Url.EncodeToString(point.X),
                y = Base64Url.EncodeToString(point.Y),
            };
            return JsonSerializer.Serialize(jwk);
        }
    }

    /// <summary>What a service needs to know to accept these tokens.</summary>
    public IReadOnlyDictionary<string, string?> Settings =>
        new Dictionary<string, string?>
        {
            ["Authentication:Schemes:Bearer:ValidIssuers:0"] = Issuer,
            ["Authentication:Schemes:Bearer:ValidAudiences:0"] = Audience,
            ["Authentication:Schemes:Bearer:LocalKey"] = PublicKey,
        };

    /// <summary>The key itself, for tests that sign what no issuer would.</summary>
    public ECDsa Key => _key;

    /// <summary>A token that is good for an hour from now.</summary>
    public string Token(string scope, string subject = "alice", TimeProvider? time = null, string audience = Audience)
    {
        var now = (time ?? TimeProvider.System).GetUtcNow().ToUnixTimeSeconds();
        var payload = new Dictionary<string, object>
        {
            ["iss"] = Issuer,
            ["aud"] = audience,
            ["sub"] = subject,
            ["scope"] = scope,
            ["iat"] = now,
            ["exp"] = now + 3600,
        };
        return Sign(
            new
            {
                alg = "ES256",
                typ = "JWT",
                kid = KeyId,
            },
            payload
        );
    }

    /// <summary>Signs any header and payload with ES256, whatever the header says.</summary>
    public string Sign(object header, object payload)
    {
        var content = $"{Encode(header)}.{Encode(payload)}";
        var signature = _key.SignData(System.Text.Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256);
        return $"{content}.{Base64Url.EncodeToString(signature)}";
    }

    public static string Encode(object part) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(part));

    public void Dispose() => _key.Dispose();
}
