using System.ComponentModel.DataAnnotations;

namespace BackendGuide.Gateway.Caching;

/// <summary>What the gateway keeps; from <c>Gateway:Cache</c>, checked at start.</summary>
internal sealed class CacheOptions
{
    /// <summary>
    /// The most that kept answers take, with their compressed forms, their addresses and headers: 1 MiB to 64 GiB, by default 64 MiB, or 0: then nothing
    /// is kept. What was not asked for the longest goes first.
    /// </summary>
    [Range(0L, 1L << 36)]
    public long MaxBytes { get; set; } = 64L << 20;
}
