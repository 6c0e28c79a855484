using System.Runtime.InteropServices;

namespace BackendGuide.ServiceDefaults;

/// <summary>
/// The memory that the runtime's own code asks the C library for. That of GNU keeps a heap for each of many threads, eight for each core, none of
/// which gives back what the others could use: here two are enough, for little of the work is done there.
/// </summary>
internal static class NativeHeap
{
    private const string Variable = "MALLOC_ARENA_MAX";
    private const int ArenaMax = -8; // M_ARENA_MAX of malloc.h
    private const int Arenas = 2;

    private delegate int Mallopt(int parameter, int value);

    /// <summary>
    /// Sees to it for all threads that begin from now on, unless the environment has <c>MALLOC_ARENA_MAX</c>, which counts.
    /// </summary>
    /// <returns>False where nothing was done: on another system, with another C library, or by the environment's will.</returns>
    public static bool Share()
    {
        if (!OperatingSystem.IsLinux() || Environment.GetEnvironmentVariable(Variable) is { Length: > 0 })
        {
            return false;
        }
        return NativeLibrary.TryLoad("libc.so.6", out var library)
            && NativeLibrary.TryGetExport(library, "mallopt", out var function)
            && Marshal.GetDelegateForFunctionPointer<Mallopt>(function)(ArenaMax, Arenas) == 1;
    }
}
