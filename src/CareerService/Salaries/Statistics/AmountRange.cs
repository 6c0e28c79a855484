using System.Numerics;

namespace BackendGuide.CareerService.Salaries.Statistics;

/// <summary>The ranges that the amounts of a group are counted by: all amounts with the same seven leading bits, as <c>salary_range_of</c> has it.</summary>
internal static class AmountRange
{
    private const int LeadingBits = 7;

    /// <summary>The least amount of the range that an amount is in, which names it.</summary>
    public static long LowOf(long amount) => amount >> ShiftOf(amount) << ShiftOf(amount);

    /// <summary>The least amount that is beyond a range.</summary>
    public static long EndOf(long low) => low + (1L << ShiftOf(low));

    private static int ShiftOf(long amount) => Math.Max(0, BitOperations.Log2((ulong)amount) + 1 - LeadingBits);
}
