using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace BackendGuide.ServiceDefaults;

/// <summary>The public key of local runs: an elliptic-curve JWK as JSON, in a setting of ours beside the standard ones.</summary>
internal static class LocalKey
{
    public const string Setting = "Authentication:Schemes:Bearer:LocalKey";

    /// <exception cref="OptionsValidationException">The setting is no public P-256 key.</exception>
    public static SecurityKey Parse(string json)
    {
        var key = TryRead(json) ?? throw Fault("is not a JSON Web Key");
        if (key.Kty != JsonWebAlgorithmsKeyTypes.EllipticCurve || key.Crv != JsonWebKeyECTypes.P256)
        {
            throw Fault("must be an elliptic-curve key (\"kty\":\"EC\") on the curve P-256");
        }
        if (key.HasPrivateKey)
        {
            throw Fault("holds a private key; a service needs only the public one");
        }
        if (!key.IsSupportedAlgorithm(SecurityAlgorithms.EcdsaSha256))
        {
            throw Fault("has no usable point (\"x\" and \"y\")");
        }
        return key;
    }

    private static JsonWebKey? TryRead(string json)
    {
        try
        {
            return new JsonWebKey(json);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static OptionsValidationException Fault(string what) => new(Setting, typeof(string), [$"The setting {Setting} {what}."]);
}
