using System.Globalization;
using BackendGuide.ServiceDefaults.Documentation;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.ServiceDefaults.Validation;

/// <summary>
/// A request's query, read parameter by parameter. A parameter given twice or unknown is a fault. After the last one, call
/// <see cref="RefuseOthers"/>.
/// </summary>
/// <remarks>As with <see cref="ObjectInput"/>, what reads a query by this says what it may have, to a <see cref="Documentation.DescribedQuery"/>.</remarks>
public class QueryInput
{
    private readonly Dictionary<string, string> _unread = new(StringComparer.Ordinal);

    /// <summary>Opens the query of a request.</summary>
    public QueryInput(HttpRequest request, Faults faults)
    {
        Faults = faults;
        EarlierFault.TellIn(request.HttpContext, faults);
        foreach (var (name, values) in request.Query)
        {
            _unread[name] = values[0] ?? "";
            if (values.Count > 1)
            {
                faults.Add(name, "is given more than once");
            }
        }
    }

    /// <summary>A query that has nothing to read.</summary>
    private protected QueryInput() => Faults = new Faults();

    /// <summary>Where the faults go.</summary>
    public Faults Faults { get; }

    /// <summary>The parameter as it came; null where it is missing.</summary>
    public virtual string? Text(string name) => _unread.Remove(name, out var value) ? value : null;

    /// <summary>A whole number in bounds, or the default where it is missing.</summary>
    public virtual int WholeNumber(string name, int min, int max, int whenMissing)
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

    /// <summary>A time, or null where it is missing.</summary>
    public virtual DateTime? Time(string name)
    {
        if (Text(name) is not { } text)
        {
            return null;
        }
        if (TimeInput.Parse(text) is { } time)
        {
            return time;
        }
        Faults.Add(name, TimeInput.Rule);
        return null;
    }

    /// <summary>A time that is not in the future, or null where it is missing.</summary>
    /// <param name="name">The parameter.</param>
    /// <param name="now">The time, UTC.</param>
    public DateTime? PastTime(string name, DateTime now)
    {
        var time = Time(name);
        if (time > now)
        {
            Faults.Add(name, "is in the future");
        }
        return time;
    }

    /// <summary>True or false; false where it is missing.</summary>
    public virtual bool Flag(string name)
    {
        var text = Text(name);
        if (text is not (null or "true" or "false"))
        {
            Faults.Add(name, "must be true or false");
        }
        return text == "true";
    }

    /// <summary>One of the words, or the default where it is missing.</summary>
    public virtual string OneOf(string name, IReadOnlyList<string> words, string whenMissing)
    {
        if (Text(name) is not { } text)
        {
            return whenMissing;
        }
        if (words.Contains(text))
        {
            return text;
        }
        Faults.Add(name, $"must be one of {string.Join(", ", words)}");
        return whenMissing;
    }

    /// <summary>A slug, or null where it is missing.</summary>
    public virtual string? OptionalSlug(string name)
    {
        var slug = Text(name);
        if (slug is not null && !Slug.IsValid(slug))
        {
            Faults.Add(name, Slug.Rule);
        }
        return slug;
    }

    /// <summary>A text that is not blank, or null where it is missing.</summary>
    public virtual string? OptionalText(string name, int maxLength)
    {
        var text = Text(name);
        if (text is not null && (string.IsNullOrWhiteSpace(text) || text.Contains('\0') || text.EnumerateRunes().Count() > maxLength))
        {
            Faults.Add(name, $"must be a text of 1 to {maxLength} characters, without U+0000");
        }
        return text;
    }

    /// <summary>Says what else is checked of a parameter: nothing is done about it here, but the API's document says it.</summary>
    public virtual void Say(string name, ValueRule rule) { }

    /// <summary>Adds a fault for each parameter that was not read.</summary>
    public void RefuseOthers()
    {
        foreach (var name in _unread.Keys)
        {
            Faults.Add(name, "is not a known parameter");
        }
    }
}
