using System.Runtime.InteropServices;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// The memory that the runtime's own code asks the C library for. That of GNU keeps a heap for each of many threads, eight for each core, none of
/// which gives back what the others could use: here one is enough, for little of the work is done there. And it keeps what was given back, the more the
/// larger it was: here what is at a heap's end goes back to the system.
/// </summary>
internal static class NativeHeap
{
    // Each with the parameter of malloc.h that it sets, and what it is set to here.
    private static readonly (string Variable, int Parameter, int Value)[] s_settings =
    [
        ("MALLOC_ARENA_MAX", -8, 1),
        ("MALLOC_TRIM_THRESHOLD_", -1, 64 * 1024), // which keeps the size from which a block is mapped by itself, too, from growing
    ];

    /// <summary>False where the environment says when what is free is given back.</summary>
    public static bool IsTrimmed => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("MALLOC_TRIM_THRESHOLD_"));

    private delegate int Mallopt(int parameter, int value);

    private delegate int MallocTrim(nuint rest);

    /// <summary>
    /// Sees to it for all threads that begin from now on. What the environment has of <c>MALLOC_ARENA_MAX</c> and <c>MALLOC_TRIM_THRESHOLD_</c> counts
    /// before this.
    /// </summary>
    /// <returns>The variables in whose place something was set: none on another system or with another C library.</returns>
    public static IReadOnlyList<string> Share()
    {
        if (Find<Mallopt>("mallopt") is not { } set)
        {
            return [];
        }
        return
        [
            .. from setting in s_settings
            where string.IsNullOrEmpty(Environment.GetEnvironmentVariable(setting.Variable)) && set(setting.Parameter, setting.Value) == 1
            select setting.Variable,
        ];
    }

    /// <summary>Gives back to the system what of it is free, wherever it is: between what is used, too.</summary>
    /// <returns>False where there was nothing to give back.</returns>
    public static bool GiveBack() => Find<MallocTrim>("malloc_trim") is { } trim && trim(0) == 1;

    private static T? Find<T>(string function)
        where T : Delegate =>
        OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad("libc.so.6", out var library)
        && NativeLibrary.TryGetExport(library, function, out var address)
            ? Marshal.GetDelegateForFunctionPointer<T>(address)
            : null;
}
