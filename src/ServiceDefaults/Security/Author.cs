using System.Security.Claims;

namespace BackendGuide.ServiceDefaults;

/// <summary>Who is written down as the author of what somebody saves.</summary>
public static class Author
{
    /// <summary>The token's subject; empty where it has none. PostgreSQL cannot keep U+0000, which a token may have.</summary>
    public static string Of(ClaimsPrincipal user)
    {
        ArgumentNullException.ThrowIfNull(user);
        return user.FindFirst("sub")?.Value.Replace('\0', '\uFFFD') ?? "";
    }
}
