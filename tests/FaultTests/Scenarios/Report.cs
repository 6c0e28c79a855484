using System.Globalization;

namespace BackendGuide.FaultTests.Scenarios;

/// <summary>A scenario's own figures, and which of what is asked of them does not hold.</summary>
internal sealed class Report
{
    private readonly List<string> _figures = [];
    private readonly List<string> _broken = [];

    /// <summary>What does not hold, a sentence each.</summary>
    public IReadOnlyList<string> Broken => _broken;

    /// <summary>A figure that is only shown.</summary>
    public void Note(string name, object value) => _figures.Add(string.Create(CultureInfo.InvariantCulture, $"{name}={value}"));

    /// <summary>A number that has to be one.</summary>
    public void Equal(string name, long expected, long actual)
    {
        Note(name, actual);
        Require(actual == expected, $"{name} is {actual} and must be {expected}");
    }

    /// <summary>A time that has a limit.</summary>
    public void Within(string name, TimeSpan limit, TimeSpan actual)
    {
        Note(name, Seconds(actual));
        Require(actual <= limit, $"{name} is {Seconds(actual)} and may be {Seconds(limit)}");
    }

    /// <summary>Whatever else has to hold.</summary>
    public void Require(bool holds, string what)
    {
        if (!holds)
        {
            _broken.Add(what);
        }
    }

    public static string Seconds(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{time.TotalSeconds:0.00}s");

    public override string ToString() => string.Join(' ', _figures);
}
