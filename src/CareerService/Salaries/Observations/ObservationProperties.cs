using System.Text.Json;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>The fields of an observation that is an object of JSON.</summary>
internal static class ObservationProperties
{
    // Of an object that is something else altogether enough is said by some of its properties.
    private const int MostUnknown = 20;

    // Who made a name up knows it by its beginning; and an answer lists many.
    private const int MostOfAName = 100;

    /// <summary>Finds the text of each field: of a number its digits as they are written.</summary>
    /// <param name="element">An object.</param>
    /// <param name="fields">Get the texts; null stays what is missing, null or of the wrong type.</param>
    /// <param name="faults">Get what is wrong with the properties as such.</param>
    public static void Read(JsonElement element, string?[] fields, ref Faults? faults)
    {
        var (seen, unknown) = (0, 0);
        foreach (var property in element.EnumerateObject())
        {
            if (NameOf(property) is not { } name)
            {
                Refuse(ref faults, RejectedRow.Whole, "must not have a lone surrogate, or bytes that are no UTF-8, in a property's name");
                continue;
            }
            var field = Array.IndexOf(ObservationInput.Properties, name);
            if (field < 0)
            {
                if (unknown++ < MostUnknown)
                {
                    Refuse(ref faults, name.Length > MostOfAName ? $"{name[..MostOfAName]}…" : name, "is not a known property");
                }
                continue;
            }
            if ((seen & (1 << field)) != 0)
            {
                Refuse(ref faults, name, "is there twice");
                continue;
            }
            seen |= 1 << field;
            fields[field] = TextOf(property.Value, name, isNumber: field is ObservationInput.Year or ObservationInput.Amount, ref faults);
        }
    }

    private static string? TextOf(JsonElement value, string name, bool isNumber, ref Faults? faults)
    {
        switch (value.ValueKind)
        {
            case JsonValueKind.Null:
                return null;
            case JsonValueKind.Number when isNumber:
                return value.GetRawText();
            case JsonValueKind.String when !isNumber:
                try
                {
                    return value.GetString();
                }
                catch (InvalidOperationException)
                {
                    // System.Text.Json refuses an escaped half of a surrogate pair, and bytes that are no UTF-8, only here.
                    Refuse(ref faults, name, "must be UTF-8, without a lone surrogate");
                    return null;
                }
            default:
                Refuse(ref faults, name, isNumber ? "must be a whole number" : "must be a string");
                return null;
        }
    }

    private static string? NameOf(JsonProperty property)
    {
        try
        {
            return property.Name;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static void Refuse(ref Faults? faults, string place, string message)
    {
        faults ??= new Faults();
        faults.Add(place, message);
    }
}
