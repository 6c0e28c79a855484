using System.Text.Json;
using BackendGuide.ServiceDefaults.Documentation;

namespace BackendGuide.ServiceDefaults.Validation;

/// <summary>
/// A JSON object from outside, read property by property. What is missing, of the wrong type, too long or unknown is added to the
/// <see cref="Faults"/> with its path, and reading goes on, so that all faults of a body come out together. After the last property,
/// call <see cref="RefuseOthers"/>.
/// </summary>
/// <remarks>
/// What reads a body by this says at the same time what a body may be: the API's document is made by having it read
/// <see cref="Documentation.DescribedObject"/> instead. So it asks for its properties whatever they are.
/// </remarks>
public class ObjectInput
{
    internal const int MaxWebAddressLength = 2_000;

    private readonly Dictionary<string, JsonElement> _unread = new(StringComparer.Ordinal);
    private readonly string _path;

    /// <summary>Opens the object at a path; anything else there is a fault, and reads as an object without properties.</summary>
    public ObjectInput(JsonElement element, string path, Faults faults)
    {
        _path = path;
        Faults = faults;
        if (element.ValueKind != JsonValueKind.Object)
        {
            faults.Add(path, "must be an object");
            IsObject = false;
            return;
        }
        IsObject = true;
        foreach (var property in element.EnumerateObject())
        {
            _unread[property.Name] = property.Value;
        }
    }

    /// <summary>An object that has nothing to read.</summary>
    private protected ObjectInput() => (_path, Faults, IsObject) = ("$", new Faults(), true);

    /// <summary>Where the faults go.</summary>
    public Faults Faults { get; }

    private bool IsObject { get; }

    /// <summary>The path of a property, as errors name it.</summary>
    public string PathOf(string property) => $"{_path}.{property}";

    /// <summary>A string that must be there and not be blank.</summary>
    public virtual string RequiredText(string property, int maxLength)
    {
        if (!TryTake(property, required: true, out var element))
        {
            return "";
        }
        var text = TextInput.Read(element, PathOf(property), maxLength, Faults);
        if (text is not null && string.IsNullOrWhiteSpace(text))
        {
            Faults.Add(PathOf(property), "must not be blank");
        }
        return text ?? "";
    }

    /// <summary>A string that must be there, be it blank.</summary>
    public virtual string PresentText(string property, int maxLength) =>
        TryTake(property, required: true, out var element) ? TextInput.Read(element, PathOf(property), maxLength, Faults) ?? "" : "";

    /// <summary>A string that may be missing or null.</summary>
    public virtual string? OptionalText(string property, int maxLength) =>
        TryTake(property, required: false, out var element) ? TextInput.Read(element, PathOf(property), maxLength, Faults) : null;

    /// <summary>An absolute http or https address of at most 2,000 characters that may be missing or null.</summary>
    public virtual string? OptionalWebAddress(string property)
    {
        var text = OptionalText(property, MaxWebAddressLength);
        if (text is null || WebAddress.IsValid(text))
        {
            return text;
        }
        Faults.Add(PathOf(property), WebAddress.Rule);
        return null;
    }

    /// <summary>A slug that must be there.</summary>
    public virtual string RequiredSlug(string property)
    {
        var slug = RequiredText(property, Slug.MaxLength);
        if (slug.Length > 0 && !Slug.IsValid(slug))
        {
            Faults.Add(PathOf(property), Slug.Rule);
        }
        return slug;
    }

    /// <summary>One of the words, which must be there.</summary>
    public virtual string RequiredWord(string property, IReadOnlyList<string> words)
    {
        ArgumentNullException.ThrowIfNull(words);
        var word = RequiredText(property, int.MaxValue);
        if (word.Length > 0 && !words.Contains(word))
        {
            Faults.Add(PathOf(property), $"must be one of {string.Join(", ", words)}");
        }
        return word;
    }

    /// <summary>The rest of an object that is of one of several kinds, which a property names. What belongs to an unknown kind cannot be told, and passes.</summary>
    /// <typeparam name="T">What all kinds are.</typeparam>
    /// <param name="property">Names the kind.</param>
    /// <param name="maxLength">The longest name, in characters.</param>
    /// <param name="kinds">What reads each of them.</param>
    /// <param name="whenUnknown">What there is instead of one that is unknown.</param>
    public virtual T OneKind<T>(string property, int maxLength, OrderedDictionary<string, Func<ObjectInput, T>> kinds, T whenUnknown)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        var kind = RequiredText(property, maxLength);
        if (kinds.TryGetValue(kind, out var read))
        {
            return read(this);
        }
        if (kind.Length > 0)
        {
            Faults.Add(PathOf(property), $"must be one of {string.Join(", ", kinds.Keys)}");
        }
        AllowOthers();
        return whenUnknown;
    }

    /// <summary>Says what else is checked of a property: nothing is done about it here, but the API's document says it.</summary>
    public virtual void Say(string property, ValueRule rule) { }

    /// <summary>A whole number that must be there.</summary>
    public virtual long RequiredWholeNumber(string property, long min, long max)
    {
        if (!TryTake(property, required: true, out var element))
        {
            return 0;
        }
        // To JSON 75000.0 is the same number as 75000.
        if (element.ValueKind != JsonValueKind.Number || !element.TryGetDecimal(out var number) || !decimal.IsInteger(number))
        {
            Faults.Add(PathOf(property), "must be a whole number");
            return 0;
        }
        if (number < min || number > max)
        {
            Faults.Add(PathOf(property), $"must be from {min} to {max}");
        }
        return (long)decimal.Clamp(number, long.MinValue, long.MaxValue);
    }

    /// <summary>True or false; false where it is missing or null.</summary>
    public virtual bool OptionalFlag(string property)
    {
        if (!TryTake(property, required: false, out var element))
        {
            return false;
        }
        if (element.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
        {
            Faults.Add(PathOf(property), "must be true or false");
        }
        return element.ValueKind == JsonValueKind.True;
    }

    /// <summary>A calendar day, <c>2026-11-22</c>, that must be there.</summary>
    public virtual DateOnly RequiredDate(string property)
    {
        var text = RequiredText(property, 10);
        if (DateOnly.TryParseExact(text, "yyyy-MM-dd", out var date))
        {
            return date;
        }
        if (text.Length > 0)
        {
            Faults.Add(PathOf(property), "must be a date: yyyy-MM-dd");
        }
        return default;
    }

    /// <summary>A time, <c>2026-11-22T08:00:00Z</c>, that may be missing or null.</summary>
    public virtual DateTime? OptionalTime(string property)
    {
        if (OptionalText(property, 64) is not { } text)
        {
            return null;
        }
        if (TimeInput.Parse(text) is { } time)
        {
            return time;
        }
        Faults.Add(PathOf(property), TimeInput.Rule);
        return null;
    }

    /// <summary>As <see cref="OptionalTime"/>, but null is a fault: for where leaving the time out means something else than having none.</summary>
    public virtual DateTime? TimeUnlessMissing(string property)
    {
        if (_unread.TryGetValue(property, out var element) && element.ValueKind == JsonValueKind.Null)
        {
            _unread.Remove(property);
            Faults.Add(PathOf(property), TimeInput.Rule);
        }
        return OptionalTime(property);
    }

    /// <summary>An object that may be missing or null.</summary>
    public virtual T? OptionalObject<T>(string property, Func<ObjectInput, T> read)
        where T : class => TryTake(property, required: false, out var element) ? ReadObject(element, PathOf(property), read) : null;

    /// <summary>A list of objects; one that is missing reads as empty.</summary>
    public virtual IReadOnlyList<T> Objects<T>(string property, bool required, int maxCount, Func<ObjectInput, T> read) =>
        Items(property, required, maxCount, (element, path) => ReadObject(element, path, read));

    /// <summary>A list of non-blank strings; one that is missing reads as empty.</summary>
    public virtual IReadOnlyList<string> Texts(string property, bool required, int maxCount, int maxLength) =>
        Items(
            property,
            required,
            maxCount,
            (element, path) =>
            {
                var text = TextInput.Read(element, path, maxLength, Faults);
                if (text is not null && string.IsNullOrWhiteSpace(text))
                {
                    Faults.Add(path, "must not be blank");
                }
                return text ?? "";
            }
        );

    /// <summary>A list of slugs, none twice; one that is missing reads as empty.</summary>
    public virtual IReadOnlyList<string> Slugs(string property, bool required, int maxCount)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return Items(
            property,
            required,
            maxCount,
            (element, path) =>
            {
                var slug = TextInput.Read(element, path, Slug.MaxLength, Faults);
                if (slug is null)
                {
                    return "";
                }
                if (!Slug.IsValid(slug))
                {
                    Faults.Add(path, Slug.Rule);
                }
                else if (!seen.Add(slug))
                {
                    Faults.Add(path, $"'{slug}' is there twice");
                }
                return slug;
            }
        );
    }

    /// <summary>Adds a fault for each property that was not read.</summary>
    public void RefuseOthers()
    {
        foreach (var property in _unread.Keys)
        {
            Faults.Add(PathOf(property), "is not a known property");
        }
    }

    /// <summary>Lets the properties that were not read pass.</summary>
    public void AllowOthers() => _unread.Clear();

    private T ReadObject<T>(JsonElement element, string path, Func<ObjectInput, T> read)
    {
        var input = new ObjectInput(element, path, Faults);
        var value = read(input);
        input.RefuseOthers();
        return value;
    }

    private IReadOnlyList<T> Items<T>(string property, bool required, int maxCount, Func<JsonElement, string, T> read)
    {
        if (!TryTake(property, required, out var element))
        {
            return [];
        }
        var path = PathOf(property);
        if (element.ValueKind != JsonValueKind.Array)
        {
            Faults.Add(path, "must be a list");
            return [];
        }
        if (element.GetArrayLength() > maxCount)
        {
            Faults.Add(path, $"must have at most {maxCount} items");
            return [];
        }
        return [.. element.EnumerateArray().Select((item, index) => read(item, $"{path}[{index}]"))];
    }

    private bool TryTake(string property, bool required, out JsonElement element)
    {
        if (_unread.Remove(property, out element) && element.ValueKind != JsonValueKind.Null)
        {
            return true;
        }
        if (required && IsObject)
        {
            Faults.Add(PathOf(property), "is required");
        }
        return false;
    }
}
