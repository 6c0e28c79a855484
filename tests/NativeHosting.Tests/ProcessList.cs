using BackendGuide.NativeHosting.Processes;

namespace BackendGuide.NativeHosting.Tests;

internal static class ProcessList
{
    /// <summary>Whether the process has ended; one that nobody has waited for yet has.</summary>
    public static async Task<bool> IsGoneAsync(int processId)
    {
        var (_, state) = await Command.RunAsync("ps", ["-o", "stat=", "-p", $"{processId}"], TestContext.Current.CancellationToken);
        return state.Length == 0 || state.StartsWith('Z');
    }
}
