using BackendGuide.CareerService.Salaries;
using BackendGuide.CareerService.Salaries.Observations;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>An upload in chunks of the test's own, which ends as the test has it.</summary>
internal sealed class ScriptedReader(IEnumerable<IReadOnlyList<Row>> chunks) : IObservationReader
{
    private readonly Queue<IReadOnlyList<Row>> _chunks = new(chunks);
    private long _line;

    /// <summary>What happens before a chunk is read, by how many were before it.</summary>
    public Func<int, Task>? Before { get; init; }

    /// <summary>How many chunks were read.</summary>
    public int Count { get; private set; }

    public async Task<bool> FillAsync(UploadChunk chunk, CancellationToken cancellationToken)
    {
        await (Before?.Invoke(Count) ?? Task.CompletedTask);
        Count++;
        foreach (var row in _chunks.Dequeue())
        {
            var group = new SalaryGroup(row.Level, row.Region, row.Currency, row.Year);
            chunk.Add(++_line, new Observation(row.Id, group, row.Amount, new ObservationSource(row.Source, null, null), null));
        }
        return _chunks.Count == 0;
    }
}

/// <summary>The client has gone.</summary>
internal sealed class CutException : Exception;
