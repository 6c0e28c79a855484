using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BackendGuide.AppHost;

/// <summary>The issuer of this machine's own tokens: an ES256 key, made once, whose public half every service is given.</summary>
internal sealed class LocalIdentity : IDisposable
{
    public const string Issuer = "backendguide-local";
    public const string Audience = "backendguide";
    public const string InternalAudience = "internal";
    public const string AllScopes = "content:write career:write ops";

    private readonly ECDsa key;
    private readonly TimeProvider time;
    private readonly string keyId;

    private LocalIdentity(ECDsa key, TimeProvider time)
    {
        this.key = key;
        this.time = time;
        keyId = Thumbprint(key.ExportParameters(includePrivateParameters: false));
    }

    /// <summary>The public key as a JWK.</summary>
    public string PublicKey
    {
        get
        {
            var point = key.ExportParameters(includePrivateParameters: false).Q;
            return JsonSerializer.Serialize(
                new
                {
                    kty = "EC",
                    crv = "P-256",
                    x = Base64Url.EncodeToString(point.X),
                    y = Base64Url.EncodeToString(point.Y),
                    kid = keyId,
                    alg = "ES256",
                    use = "sig",
                }
            );
        }
    }

    public static LocalIdentity Open(LocalFolder folder, TimeProvider time)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        if (File.Exists(folder.SigningKey))
        {
            key.ImportFromPem(File.ReadAllText(folder.SigningKey));
        }
        else
        {
            LocalFolder.Write(folder.SigningKey, key.ExportPkcs8PrivateKeyPem());
        }
        return new LocalIdentity(key, time);
    }

    /// <summary>Signs a JWT that holds from now on for <paramref name="lifetime"/>.</summary>
    public string CreateToken(string subject, string scope, TimeSpan lifetime, string issuer = Issuer, string audience = Audience)
    {
        var now = time.GetUtcNow();
        var header = Encode(
            new
            {
                alg = "ES256",
                typ = "JWT",
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
                nbf = now.ToUnixTimeSeconds(),
                exp = (now + lifetime).ToUnixTimeSeconds(),
                jti = Guid.NewGuid().ToString("N"),
            }
        );
        var signed = $"{header}.{claims}";
        var signature = key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256);
        return $"{signed}.{Base64Url.EncodeToString(signature)}";
    }

    public void Dispose() => key.Dispose();

    private static string Encode<T>(T value) => Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(value));

    // RFC 7638: the hash of the required members in lexicographic order.
    private static string Thumbprint(ECParameters key) =>
        Base64Url.EncodeToString(
            SHA256.HashData(
                Encoding.ASCII.GetBytes(
                    $$"""{"crv":"P-256","kty":"EC","x":"{{Base64Url.EncodeToString(key.Q.X)}}","y":"{{Base64Url.EncodeToString(key.Q.Y)}}"}"""
                )
            )
        );
}
