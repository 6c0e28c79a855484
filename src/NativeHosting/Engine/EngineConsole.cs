using Spectre.Console;

namespace BackendGuide.NativeHosting.Engine;

/// <summary>
/// What the user sees: plain lines, and on a terminal a table and, while something is waited for, what that is. Lines are whole: many
/// resources write at the same time.
/// </summary>
internal sealed class EngineConsole
{
    private static readonly TimeSpan StillWaiting = TimeSpan.FromSeconds(5);
    private readonly Lock gate = new();
    private readonly bool terminal = !Console.IsOutputRedirected && AnsiConsole.Profile.Capabilities.Interactive;
    private StatusContext? status;

    public void Line(string text)
    {
        lock (gate)
        {
            if (status is null)
            {
                Console.Out.WriteLine(text);
            }
            else
            {
                // While the status is on the screen, whatever is written has to go around it.
                AnsiConsole.WriteLine(text);
            }
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

    /// <summary>Does the work, and meanwhile shows what is still waited for: moving on a terminal, else as a line now and then.</summary>
    public async Task WhileShowingAsync(Func<Task> work, Func<IReadOnlyList<string>> waitedFor)
    {
        if (!terminal)
        {
            await RepeatAsync(work(), StillWaiting, () => Line($"Waiting for {string.Join(", ", waitedFor())}."));
            return;
        }
        await AnsiConsole
            .Status()
            .Spinner(Spinner.Known.Dots)
            .StartAsync(
                "Starting",
                async context =>
                {
                    status = context;
                    try
                    {
                        await RepeatAsync(
                            work(),
                            TimeSpan.FromMilliseconds(200),
                            () => context.Status = Markup.Escape($"Waiting for {string.Join(", ", waitedFor())}")
                        );
                    }
                    finally
                    {
                        status = null;
                    }
                }
            );
    }

    public void Table(IReadOnlyList<(string Resource, string State, string Url)> rows)
    {
        if (terminal)
        {
            var table = new Table().Border(TableBorder.Rounded).AddColumns("Resource", "State", "URL");
            foreach (var row in rows)
            {
                table.AddRow(Markup.Escape(row.Resource), $"[green]{Markup.Escape(row.State)}[/]", Markup.Escape(row.Url));
            }
            AnsiConsole.Write(table);
            return;
        }
        var resource = Math.Max("Resource".Length, rows.Max(row => row.Resource.Length));
        var state = Math.Max("State".Length, rows.Max(row => row.State.Length));
        Line("");
        foreach (var row in rows.Prepend(("Resource", "State", "URL")))
        {
            Line($"  {row.Item1.PadRight(resource)}  {row.Item2.PadRight(state)}  {row.Item3}".TrimEnd());
        }
        Line("");
    }

    private static async Task RepeatAsync(Task work, TimeSpan interval, Action action)
    {
        while (await Task.WhenAny(work, Task.Delay(interval)) != work)
        {
            action();
        }
        await work;
    }
}
