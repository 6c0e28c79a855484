using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.ContentService.Markdown;

/// <summary>What is wrong with a file, by its lines: found while it was cut up, or in the JSON that came of it.</summary>
internal sealed class MarkdownFaults
{
    private readonly List<(int Line, string Message)> _faults = [];
    private readonly Dictionary<string, int> _lines = new(StringComparer.Ordinal) { ["$"] = 1 };
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _origins = new(StringComparer.Ordinal);
    private int _longest = 1;

    /// <summary>Says where something of the JSON came from, and what it is called there, if that is another name.</summary>
    public void Place(string path, int line, string? name = null)
    {
        _lines[path] = line;
        _longest = Math.Max(_longest, path.Length);
        if (name is not null)
        {
            _names[path] = name;
        }
    }

    /// <summary>Says that something of the JSON is made of something else, of which alone the faults are told that both have.</summary>
    public void Derive(string path, string origin) => _origins[path] = origin;

    public void Add(int line, string message) => _faults.Add((line, message));

    /// <summary>Takes the faults of the JSON, which are keyed by its paths.</summary>
    public void Add(Faults faults)
    {
        var all = faults.ByPlace;
        foreach (var (path, messages) in all)
        {
            if (_origins.TryGetValue(path, out var origin) && all.ContainsKey(origin))
            {
                continue;
            }
            foreach (var message in messages)
            {
                Add(LineOf(path), $"{_names.GetValueOrDefault(path) ?? NameOf(path)} {message}");
            }
        }
    }

    /// <summary>Gives them out, from the first line to the last.</summary>
    public void AddTo(Faults faults)
    {
        foreach (var (line, message) in _faults.OrderBy(fault => fault.Line))
        {
            faults.Add("$", $"line {line}: {message}");
        }
    }

    // The innermost thing that has a place, from the outside in and no further than anything has one: a path ends with whatever name somebody has
    // given to a property, be it a hundred thousand dots.
    private int LineOf(string path)
    {
        var lines = _lines.GetAlternateLookup<ReadOnlySpan<char>>();
        var line = 1;
        for (var end = 1; end <= Math.Min(path.Length, _longest); end++)
        {
            if ((end == path.Length || path[end] is '.' or '[') && lines.TryGetValue(path.AsSpan(0, end), out var found))
            {
                line = found;
            }
        }
        return line;
    }

    // "$.sections[0].blocks[1].items[2].term" is said of a line: there it is "items[2].term".
    private static string NameOf(string path)
    {
        var name = path.TrimStart('$', '.');
        foreach (var outer in (string[])["sections[", "blocks["])
        {
            if (name.StartsWith(outer, StringComparison.Ordinal) && name.IndexOf("].", StringComparison.Ordinal) is > 0 and var end)
            {
                name = name[(end + 2)..];
            }
        }
        return name;
    }
}
