using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace BackendGuide.AppHost.Tests;

public sealed class LocalIdentityTests
{
    [Fact]
    public void Token_of_an_identity_verifies_with_its_public_key()
    {
        using var data = new TemporaryData();
        using var identity = LocalIdentity.Open(data.Folder, TimeProvider.System);

        var parts = identity.CreateToken("alice", "content:write", TimeSpan.FromHours(1)).Split('.');

        var jwk = JsonDocument.Parse(identity.PublicKey).RootElement;
        using var key = ECDsa.Create(
            new ECParameters
            {
                Curve = ECCurve.NamedCurves.nistP256,
                Q = new ECPoint
                {
                    X = Base64Url.DecodeFromChars(jwk.GetProperty("x").GetString()),
                    Y = Base64Url.DecodeFromChars(jwk.GetProperty("y").GetString()),
                },
            }
        );
        Assert.True(
            key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), Base64Url.DecodeFromChars(parts[2]), HashAlgorithmName.SHA256)
        );
        var header = Decode(parts[0]);
        Assert.Equal("ES256", header.GetProperty("alg").GetString());
        Assert.Equal("JWT", header.GetProperty("typ").GetString());
        Assert.Equal(jwk.GetProperty("kid").GetString(), header.GetProperty("kid").GetString());
        var claims = Decode(parts[1]);
        Assert.Equal("alice", claims.GetProperty("sub").GetString());
        Assert.Equal("content:write", claims.GetProperty("scope").GetString());
        Assert.Equal("backendguide-local", claims.GetProperty("iss").GetString());
        Assert.Equal("backendguide", claims.GetProperty("aud").GetString());
        Assert.Equal(3600, claims.GetProperty("exp").GetInt64() - claims.GetProperty("iat").GetInt64());
    }

    [Fact]
    public void Public_key_of_an_identity_has_no_private_part()
    {
        using var data = new TemporaryData();
        using var identity = LocalIdentity.Open(data.Folder, TimeProvider.System);

        var names = JsonDocument.Parse(identity.PublicKey).RootElement.EnumerateObject().Select(member => member.Name);

        Assert.Equal(["alg", "crv", "kid", "kty", "use", "x", "y"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Identity_opened_again_has_the_same_key()
    {
        using var data = new TemporaryData();
        using var first = LocalIdentity.Open(data.Folder, TimeProvider.System);
        using var second = LocalIdentity.Open(data.Folder, TimeProvider.System);

        Assert.Equal(first.PublicKey, second.PublicKey);
    }

    private static JsonElement Decode(string part) => JsonDocument.Parse(Base64Url.DecodeFromChars(part)).RootElement;
}
