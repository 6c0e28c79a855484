using System.Runtime.InteropServices;

namespace BackendGuide.ServiceDefaults.Tests;

public sealed class NativeHeapTests
{
    [Fact]
    public void Heap_OfTheGnuLibrary_IsShared() => Assert.Equal(OperatingSystem.IsLinux() && !IsMusl && !IsSaid, NativeHeap.Share());

    private static bool IsSaid => Environment.GetEnvironmentVariable("MALLOC_ARENA_MAX") is { Length: > 0 };

    private static bool IsMusl => RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);
}
