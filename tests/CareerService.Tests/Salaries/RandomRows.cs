namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>Observations by chance, of few groups, sources and ids, so that they meet.</summary>
internal sealed class RandomRows(int seed, int ids = 400)
{
    private readonly Random _random = new(seed);

    public Row Next()
    {
        var group = _random.Next(6);
        return new Row(
            $"id-{_random.Next(ids)}",
            NextAmount(),
            Level: group < 3 ? "senior" : "entry",
            Region: group % 3 == 1 ? "DE-BE" : "",
            Currency: group % 3 == 2 ? "USD" : "EUR",
            Year: 2025 + _random.Next(2),
            Source: $"Survey {_random.Next(3)}",
            Url: _random.Next(3) == 0 ? "https://example.org/pay" : "",
            Licence: _random.Next(4) == 0 ? "CC0-1.0" : "",
            AsOf: _random.Next(5) == 0 ? "2026-03-01" : ""
        );
    }

    public Row[] Next(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    public int Below(int most) => _random.Next(most);

    // Rounded ones, as people give them, precise ones, and some that are of another size altogether.
    private long NextAmount() =>
        _random.Next(10) switch
        {
            < 5 => 1_000 * _random.NextInt64(20, 200),
            < 9 => _random.NextInt64(1, 250_000),
            _ => _random.NextInt64(1, 1L << _random.Next(1, 53)),
        };
}
