namespace BackendGuide.NativeHosting.Engine;

/// <summary>What the user sees. Lines are whole: many resources write at the same time.</summary>
internal sealed class EngineConsole
{
    private readonly Lock gate = new();

    public void Line(string text)
    {
        lock (gate)
        {
            Console.Out.WriteLine(text);
        }
    }

    public void Log(string resource, string line) => Line($"{resource, -9}| {line}");

    public void Error(string text)
    {
        lock (gate)
        {
            Console.Error.WriteLine(text);
        }
    }

    public void Table(IReadOnlyList<(string Resource, string State, string Url)> rows)
    {
        var resource = Math.Max("Resource".Length, rows.Max(row => row.Resource.Length));
        var state = Math.Max("State".Length, rows.Max(row => row.State.Length));
        Line("");
        foreach (var row in rows.Prepend(("Resource", "State", "URL")))
        {
            Line($"  {row.Item1.PadRight(resource)}  {row.Item2.PadRight(state)}  {row.Item3}".TrimEnd());
        }
        Line("");
    }
}
