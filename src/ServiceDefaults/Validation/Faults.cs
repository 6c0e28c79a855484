using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ServiceDefaults.Validation;

/// <summary>
/// Everything that is wrong with one request, collected so that it is reported together: where (a JSON path, a query parameter's name) and what.
/// </summary>
public sealed class Faults
{
    private readonly SortedDictionary<string, List<string>> _messages = new(StringComparer.Ordinal);

    /// <summary>True where something was added.</summary>
    public bool Any => _messages.Count > 0;

    /// <summary>The messages by place.</summary>
    public IReadOnlyDictionary<string, string[]> ByPlace => _messages.ToDictionary(m => m.Key, m => m.Value.ToArray());

    /// <summary>Adds a fault.</summary>
    /// <param name="place">A JSON path such as <c>$.sections[0].heading</c>, or a query parameter's name.</param>
    /// <param name="message">A sentence for the person who sent it.</param>
    public void Add(string place, string message)
    {
        if (!_messages.TryGetValue(place, out var messages))
        {
            _messages.Add(place, messages = []);
        }
        messages.Add(message);
    }

    /// <summary>The 400 that lists them all.</summary>
    public ProblemHttpResult ToProblem() => Problems.Invalid(ByPlace);
}
