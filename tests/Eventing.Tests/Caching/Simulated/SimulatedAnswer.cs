using BackendGuide.Eventing.Following;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>What somebody was given.</summary>
/// <param name="Since">Where it was read.</param>
/// <param name="Versions">What it shows.</param>
/// <param name="AtSince">
/// What of that its positions name: an event of a career that was applied before its turn shows already, and no position says so. Whoever asks
/// not before it may for a moment be given an answer that does not have it yet.
/// </param>
internal sealed record SimulatedAnswer(ChangeCursor Since, long[] Versions, long[] AtSince);
