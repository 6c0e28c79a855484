using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using BackendGuide.Testing;

namespace BackendGuide.ServiceDefaults.Tests.Security;

/// <summary>Everything that is not a good token, by what is wrong with it.</summary>
internal sealed class BadTokens(LocalIssuer issuer, DateTimeOffset now)
{
    private static readonly object s_header = new
    {
        alg = "ES256",
        typ = "JWT",
        kid = LocalIssuer.KeyId,
    };

    public Dictionary<string, object> Payload =>
        new()
        {
            ["iss"] = LocalIssuer.Issuer,
            ["aud"] = LocalIssuer.Audience,
            ["sub"] = "alice",
            ["scope"] = Scopes.ContentWrite,
            ["exp"] = now.ToUnixTimeSeconds() + 3600,
        };

    private string Good => issuer.Sign(s_header, Payload);

    public string Signed(Action<Dictionary<string, object>> change)
    {
        var payload = Payload;
        change(payload);
        return issuer.Sign(s_header, payload);
    }

    /// <summary>The values of the Authorization header.</summary>
    public IEnumerable<KeyValuePair<string, string[]>> All() => [.. Algorithms(), .. Claims(), .. Signatures(), .. Shapes()];

    private IEnumerable<KeyValuePair<string, string[]>> Algorithms()
    {
        var good = Good.Split('.');
        var none = LocalIssuer.Encode(new { alg = "none", typ = "JWT" });
        var spki = issuer.Key.ExportSubjectPublicKeyInfo();
        yield return Bearer("alg none", $"{none}.{good[1]}.");
        yield return Bearer("alg nOnE", $"{LocalIssuer.Encode(new { alg = "nOnE", typ = "JWT" })}.{good[1]}.");
        yield return Bearer("alg none with a signature", $"{none}.{good[1]}.{good[2]}");
        yield return Bearer("no alg", issuer.Sign(new { typ = "JWT" }, Payload));
        yield return Bearer("HS256 with the public JWK as secret", Hs256(Encoding.UTF8.GetBytes(issuer.PublicKey)));
        yield return Bearer("HS256 with the public key's DER as secret", Hs256(spki));
        yield return Bearer(
            "HS256 with the public key's PEM as secret",
            Hs256(Encoding.ASCII.GetBytes(issuer.Key.ExportSubjectPublicKeyInfoPem()))
        );
        yield return Bearer("HS256 with an empty secret", Hs256([]));
        yield return Bearer("ES384 by another curve", Es384());
        yield return Bearer("RS256 by an unknown key", Rs256("RS256", RSASignaturePadding.Pkcs1));
        yield return Bearer("PS256", Rs256("PS256", RSASignaturePadding.Pss));
    }

    private IEnumerable<KeyValuePair<string, string[]>> Claims()
    {
        var second = now.ToUnixTimeSeconds();
        yield return Bearer("another audience", Signed(p => p["aud"] = "internal"));
        yield return Bearer("audiences without ours", Signed(p => p["aud"] = new[] { "a", "b" }));
        yield return Bearer("an audience that no header can carry", Signed(p => p["aud"] = "böse\r\nX-Injected: 1\u0000"));
        yield return Bearer("no audience", Signed(p => p.Remove("aud")));
        yield return Bearer("another issuer", Signed(p => p["iss"] = "https://elsewhere.test"));
        yield return Bearer("the issuer in other case", Signed(p => p["iss"] = LocalIssuer.Issuer.ToUpperInvariant()));
        yield return Bearer("no issuer", Signed(p => p.Remove("iss")));
        yield return Bearer("expired 31 s ago", Signed(p => p["exp"] = second - 31));
        yield return Bearer("valid from 31 s on", Signed(p => p["nbf"] = second + 31));
        yield return Bearer("no expiry", Signed(p => p.Remove("exp")));
        yield return Bearer("an expiry in words", Signed(p => p["exp"] = "soon"));
        yield return Bearer("a negative expiry", Signed(p => p["exp"] = -1));
        yield return Bearer("a null expiry", Signed(p => p["exp"] = null!));
        yield return Bearer("a start in words", Signed(p => p["nbf"] = "yesterday"));
        yield return Bearer("no type", issuer.Sign(new { alg = "ES256", kid = LocalIssuer.KeyId }, Payload));
        yield return Bearer("another type", issuer.Sign(new { alg = "ES256", typ = "secevent+jwt" }, Payload));
    }

    private IEnumerable<KeyValuePair<string, string[]>> Signatures()
    {
        var good = Good.Split('.');
        var forged = Payload;
        forged["sub"] = "mallory";
        using var stranger = new LocalIssuer();
        var der = issuer.Key.SignData(
            Encoding.ASCII.GetBytes($"{good[0]}.{good[1]}"),
            HashAlgorithmName.SHA256,
            DSASignatureFormat.Rfc3279DerSequence
        );
        yield return Bearer("a changed payload", $"{good[0]}.{LocalIssuer.Encode(forged)}.{good[2]}");
        yield return Bearer("a cut signature", $"{good[0]}.{good[1]}.{good[2][..40]}");
        yield return Bearer("no signature", $"{good[0]}.{good[1]}.");
        yield return Bearer("a signature of zeros", $"{good[0]}.{good[1]}.{Base64Url.EncodeToString(new byte[64])}");
        yield return Bearer("a DER signature", $"{good[0]}.{good[1]}.{Base64Url.EncodeToString(der)}");
        yield return Bearer("a stranger's key with our id", stranger.Sign(s_header, Payload));
        yield return Bearer(
            "a key that the token brings along",
            stranger.Sign(
                new
                {
                    alg = "ES256",
                    typ = "JWT",
                    jwk = stranger.PublicKey,
                },
                Payload
            )
        );
        yield return Bearer(
            "a key that the token points to",
            stranger.Sign(
                new
                {
                    alg = "ES256",
                    typ = "JWT",
                    jku = "http://127.0.0.1:9/jwks",
                },
                Payload
            )
        );
        yield return Bearer(
            "a key id that is a path",
            stranger.Sign(
                new
                {
                    alg = "ES256",
                    typ = "JWT",
                    kid = "../../dev/null",
                },
                Payload
            )
        );
    }

    private IEnumerable<KeyValuePair<string, string[]>> Shapes()
    {
        var good = Good.Split('.');
        yield return new("no header", []);
        yield return Bearer("nothing after Bearer", "");
        yield return Bearer("garbage", "x");
        yield return Bearer("three times garbage", "a.b.c");
        yield return Bearer("only dots", "....");
        yield return Bearer("two parts", $"{good[0]}.{good[1]}");
        yield return Bearer("five parts", $"{good[0]}.{good[1]}.{good[2]}.a.b");
        yield return Bearer("12 KB of garbage", new string('a', 12 * 1024));
        yield return Bearer("12 KB in three parts", $"{good[0]}.{new string('A', 12 * 1024)}.{good[2]}");
        yield return Bearer("a header that is no JSON", $"{Base64Url.EncodeToString("nothing"u8)}.{good[1]}.{good[2]}");
        yield return Bearer("a header that is a list", $"{Base64Url.EncodeToString("[]"u8)}.{good[1]}.{good[2]}");
        yield return Bearer("a payload that is a list", issuer.Sign(s_header, Array.Empty<string>()));
        yield return Bearer(
            "a payload 2,000 levels deep",
            $"{good[0]}.{Base64Url.EncodeToString(Encoding.ASCII.GetBytes(new string('[', 2000)))}.{good[2]}"
        );
        yield return new("the header twice", [$"Bearer {Good}", $"Bearer {Good}"]);
        yield return new("another scheme", ["Basic YWxpY2U6c2VjcmV0"]);
        yield return new("the token without its scheme", [Good]);
    }

    private static KeyValuePair<string, string[]> Bearer(string fault, string token) => new(fault, [$"Bearer {token}"]);

    private string Hs256(byte[] secret)
    {
        var content = $"{LocalIssuer.Encode(new { alg = "HS256", typ = "JWT", kid = LocalIssuer.KeyId })}.{LocalIssuer.Encode(Payload)}";
        return $"{content}.{Base64Url.EncodeToString(HMACSHA256.HashData(secret, Encoding.ASCII.GetBytes(content)))}";
    }

    private string Es384()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var content = $"{LocalIssuer.Encode(new { alg = "ES384", typ = "JWT" })}.{LocalIssuer.Encode(Payload)}";
        return $"{content}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA384))}";
    }

    private string Rs256(string algorithm, RSASignaturePadding padding)
    {
        using var key = RSA.Create(2048);
        var content = $"{LocalIssuer.Encode(new { alg = algorithm, typ = "JWT" })}.{LocalIssuer.Encode(Payload)}";
        return $"{content}.{Base64Url.EncodeToString(key.SignData(Encoding.ASCII.GetBytes(content), HashAlgorithmName.SHA256, padding))}";
    }
}
