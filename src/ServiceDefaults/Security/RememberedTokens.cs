using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.IdentityModel.Tokens;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// Remembers for a minute which tokens were found valid: a client sends the same one with each request, and to check its signature costs as much as
/// all else that is done for a small one. A token that is refused is checked anew each time. A key that is taken back counts for so much longer.
/// </summary>
/// <param name="checking">Checks a token.</param>
/// <param name="time">The clock that tokens end by.</param>
internal sealed class RememberedTokens(TokenHandler checking, TimeProvider time) : TokenHandler
{
    private const int MostTokens = 1_000;
    private const int MostCharacters = 4_096; // one token's; who sends a longer one has it checked each time

    private static readonly TimeSpan s_life = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<string, Remembered> _valid = new(StringComparer.Ordinal);
    private long _swept;

    /// <summary>The number of tokens that are remembered: at most 1,000.</summary>
    public int Count => _valid.Count;

    /// <inheritdoc />
    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        if (token is null || token.Length > MostCharacters)
        {
            return await checking.ValidateTokenAsync(token, validationParameters);
        }
        var now = time.GetUtcNow();
        if (_valid.TryGetValue(token, out var remembered))
        {
            if (now < remembered.Until && now >= remembered.Since)
            {
                return remembered.Give();
            }
            _valid.TryRemove(KeyValuePair.Create(token, remembered));
        }
        var result = await checking.ValidateTokenAsync(token, validationParameters);
        if (result.IsValid)
        {
            Remember(token, result, now);
        }
        return result;
    }

    /// <inheritdoc />
    public override Task<TokenValidationResult> ValidateTokenAsync(SecurityToken token, TokenValidationParameters validationParameters) =>
        checking.ValidateTokenAsync(token, validationParameters);

    /// <inheritdoc />
    public override SecurityToken ReadToken(string token) => checking.ReadToken(token);

    private void Remember(string token, TokenValidationResult result, DateTimeOffset now)
    {
        // Within the skew after its end it is the rules that say how long it still counts.
        var end = new DateTimeOffset(DateTime.SpecifyKind(result.SecurityToken.ValidTo, DateTimeKind.Utc));
        var until = end - now < s_life ? end : now + s_life;
        if (until <= now)
        {
            return;
        }
        Sweep(now);
        if (_valid.Count >= MostTokens)
        {
            _valid.Clear(); // cheaper than to know which one was used last, and each is checked once for it
        }
        _valid[token] = new Remembered(result, result.ClaimsIdentity.Clone(), now, until);
    }

    // Nobody's secret stays because he does not come again.
    private void Sweep(DateTimeOffset now)
    {
        var swept = Interlocked.Read(ref _swept);
        if (now.UtcTicks - swept < s_life.Ticks || Interlocked.CompareExchange(ref _swept, now.UtcTicks, swept) != swept)
        {
            return;
        }
        foreach (var entry in _valid.Where(entry => now >= entry.Value.Until))
        {
            _valid.TryRemove(entry);
        }
    }

    private sealed record Remembered(TokenValidationResult Result, ClaimsIdentity Identity, DateTimeOffset Since, DateTimeOffset Until)
    {
        // An identity of the request's own, as if it had been checked for it: who adds a claim adds it to nobody else's.
        public TokenValidationResult Give() =>
            new()
            {
                IsValid = true,
                ClaimsIdentity = Identity.Clone(),
                SecurityToken = Result.SecurityToken,
                Issuer = Result.Issuer,
                TokenType = Result.TokenType,
            };
    }
}
