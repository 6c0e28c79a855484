using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.ServiceDefaults.Validation;

/// <summary>
/// A request's query, read parameter by parameter. A parameter given twice or unknown is a fault. After the last one, call
/// <see cref="RefuseOthers"/>.
/// </summary>
public sealed class QueryInput
{
    private readonly Dictionary<string, string> _unread = new(StringComparer.Ordinal);

    /// <summary>Opens the query of a request.</summary>
    public QueryInput(HttpRequest request, Faults faults)
    {
        Faults = faults;
        foreach (var (name, values) in request.Query)
        {
            _unread[name] = values[0] ?? "";
            if (values.Count > 1)
            {
                faults.Add(name, "is given more than once");
            }
        }
    }

    /// <summary>Where the faults go.</summary>
    public Faults Faults { get; }

    /// <summary>The parameter as it came; null where it is missing.</summary>
    public string? Text(string name) => _unread.Remove(name, out var value) ? value : null;

    /// <summary>A whole number in bounds, or the default where it is missing.</summary>
    public int WholeNumber(string name, int min, int max, int whenMissing)
    {
        if (Text(name) is not { } text)
        {
            return whenMissing;
        }
        if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max)
        {
            return number;
        }
        Faults.Add(name, $"must be a whole number from {min} to {max}");
        return whenMissing;
    }

    /// <summary>Adds a fault for each parameter that was not read.</summary>
    public void RefuseOthers()
    {
        foreach (var name in _unread.Keys)
        {
            Faults.Add(name, "is not a known parameter");
        }
    }
}
