using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BackendGuide.ServiceDefaults.Tests;

// What the process holds is measured: nothing else runs beside it.
[CollectionDefinition(DisableParallelization = true)]
public sealed class Alone;

[Collection<Alone>]
public sealed class NativeHeapTests
{
    [Fact]
    public void Heap_OfTheGnuLibrary_IsSharedButForWhatTheEnvironmentSays()
    {
        string[] variables = OperatingSystem.IsLinux() && !IsMusl ? ["MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_"] : [];

        Assert.Equal(variables.Where(variable => Environment.GetEnvironmentVariable(variable) is not { Length: > 0 }), NativeHeap.Share());
    }

    [Fact]
    public void Heap_WithFreeBlocksBetweenUsedOnes_GivesThemBack()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && !IsMusl, "there is nothing to give back by another C library's own means");
        const int Bytes = 64 * 1024; // below what is mapped by itself
        const int Page = 4096;
        var blocks = Enumerable.Range(0, 1_000).Select(_ => Filled(Bytes)).ToList();
        for (var i = 0; i < blocks.Count; i += 2)
        {
            Marshal.FreeHGlobal(blocks[i]);
        }
        var before = Resident();

        Assert.True(NativeHeap.GiveBack());

        Assert.InRange(Resident(), 0, before - (blocks.Count / 4 * Bytes)); // half of what was freed, for what others do meanwhile
        for (var i = 1; i < blocks.Count; i += 2)
        {
            Marshal.FreeHGlobal(blocks[i]);
        }

        static nint Filled(int bytes)
        {
            var block = Marshal.AllocHGlobal(bytes);
            for (var i = 0; i < bytes; i += Page)
            {
                Marshal.WriteByte(block, i, 1);
            }
            return block;
        }
    }

    [Fact]
    public async Task Service_GivesBackWhatItDoesNotUse_WhileItRuns()
    {
        await using var service = await TestService.StartAsync();

        Assert.Single(service.App.Services.GetServices<IHostedService>().OfType<NativeHeapUpkeep>());
    }

    private static long Resident()
    {
        using var self = Process.GetCurrentProcess();
        return self.WorkingSet64;
    }

    private static bool IsMusl => RuntimeInformation.RuntimeIdentifier.Contains("musl", StringComparison.Ordinal);
}
