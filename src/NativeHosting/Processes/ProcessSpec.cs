namespace BackendGuide.NativeHosting.Processes;

/// <summary>What to run, and how it likes to be ended.</summary>
internal sealed record ProcessSpec(string Program, IReadOnlyList<string> Arguments)
{
    public required string WorkingDirectory { get; init; }

    /// <summary>Set on top of this process's environment; a null value removes the variable.</summary>
    public IReadOnlyDictionary<string, string?> Environment { get; init; } = new Dictionary<string, string?>();

    /// <summary>Where its output goes instead of through this process, for a server that outlives it.</summary>
    public string? OutputFile { get; init; }

    /// <summary>Asks for an orderly end.</summary>
    public Signal StopSignal { get; init; } = Signal.Terminate;

    /// <summary>What the watchdog sends first once this process is dead.</summary>
    public Signal OrphanSignal { get; init; } = Signal.Terminate;
}
