namespace BackendGuide.FaultTests.Load;

/// <summary>Requests a second, and by how many clients. One that waits for its answer sends no other, so a slow system gets fewer.</summary>
internal sealed record LoadRates(int Writes, int Reads, int Writers, int Readers);
