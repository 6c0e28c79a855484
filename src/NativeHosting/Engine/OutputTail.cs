namespace BackendGuide.NativeHosting.Engine;

/// <summary>The last lines of an output, for the message that says why something did not start.</summary>
internal sealed class OutputTail
{
    private const int Kept = 15;
    private readonly Lock gate = new();
    private readonly Queue<string> lines = new();

    public IReadOnlyList<string> Lines
    {
        get
        {
            lock (gate)
            {
                return [.. lines];
            }
        }
    }

    public void Add(string line)
    {
        lock (gate)
        {
            lines.Enqueue(line);
            if (lines.Count > Kept)
            {
                lines.Dequeue();
            }
        }
    }

    public override string ToString() => string.Concat(Lines.Select(line => $"\n    {line}"));
}
