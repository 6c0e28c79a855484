namespace BackendGuide.CareerService.Salaries;

/// <summary>What observed salaries are told apart by, and never mixed across.</summary>
/// <param name="Level">One of <see cref="Levels"/>.</param>
/// <param name="Region">ISO 3166-1 or 3166-2; empty for those of no region, which are a group of their own.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="Year">The year that was earned in.</param>
internal readonly record struct SalaryGroup(string Level, string Region, string Currency, int Year) : IComparable<SalaryGroup>
{
    // Before the first there are no statistics to speak of; and whoever means a later one has shifted a column.
    public const int MinYear = 1900;
    public const int MaxYear = 2100;

    /// <summary>As answers have it.</summary>
    public string? RegionOrNull => Region.Length == 0 ? null : Region;

    /// <summary>From the lowest level to the highest, then by region, the one without first, currency and year.</summary>
    public int CompareTo(SalaryGroup other)
    {
        var byLevel = Level == other.Level ? 0 : Levels.RankOf(Level) - Levels.RankOf(other.Level);
        var byRegion = byLevel != 0 ? byLevel : string.CompareOrdinal(Region, other.Region);
        var byCurrency = byRegion != 0 ? byRegion : string.CompareOrdinal(Currency, other.Currency);
        return byCurrency != 0 ? byCurrency : Year - other.Year;
    }
}
