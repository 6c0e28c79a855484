using System.Globalization;
using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>Reads and checks one observation from the texts of its fields, whatever they came in. All faults of a row come out together.</summary>
internal static class ObservationInput
{
    /// <summary>The fields in the contract's order: the first seven are the columns that a CSV must have.</summary>
    public const int Id = 0,
        Level = 1,
        Region = 2,
        Currency = 3,
        Year = 4,
        Amount = 5,
        Source = 6,
        SourceUrl = 7,
        Licence = 8,
        AsOf = 9,
        RequiredColumns = 7,
        Count = 10;

    public const int MaxIdLength = 200;
    public const int MaxTextLength = 300;
    public const int MaxUrlLength = 2_000;
    public const long MinAmount = 1;

    // The largest whole number that every JSON reader keeps exactly (RFC 8259, 6).
    public const long MaxAmount = (1L << 53) - 1;

    /// <summary>The fields' names in a CSV.</summary>
    public static readonly string[] Columns =
    [
        "id",
        "level",
        "region",
        "currency",
        "year",
        "amount",
        "source",
        "source_url",
        "licence",
        "as_of",
    ];

    /// <summary>The fields' names in JSON.</summary>
    public static readonly string[] Properties =
    [
        "id",
        "level",
        "region",
        "currency",
        "year",
        "amount",
        "source",
        "sourceUrl",
        "licence",
        "asOf",
    ];

    /// <summary>What is said of a text that PostgreSQL cannot keep, or nobody can read.</summary>
    public const string Utf8Rule = "must be UTF-8, without U+0000";

    private const string Required = "is required";

    /// <summary>Reads a row.</summary>
    /// <param name="fields">The texts by field; null or empty where there is none.</param>
    /// <param name="names">What faults call the fields.</param>
    /// <param name="today">The day in UTC: nothing was observed on a day that is still to come.</param>
    /// <param name="faults">What was found before, of fields whose text is null then; and what is found here. Null while there is nothing.</param>
    /// <returns>Meaningful only where there is no fault.</returns>
    public static Observation Read(ReadOnlySpan<string?> fields, string[] names, DateOnly today, ref Faults? faults)
    {
        var check = new Check(fields, names, faults);
        var group = new SalaryGroup(
            check.RequiredCode(Level, Levels.IsOne, Levels.Rule),
            check.OptionalCode(Region, Codes.IsRegion, Codes.RegionRule),
            check.RequiredCode(Currency, Codes.IsCurrency, Codes.CurrencyRule),
            (int)check.WholeNumber(Year, SalaryGroup.MinYear, SalaryGroup.MaxYear)
        );
        var observation = new Observation(
            check.RequiredText(Id, MaxIdLength),
            group,
            check.WholeNumber(Amount, MinAmount, MaxAmount),
            new ObservationSource(
                check.RequiredText(Source, MaxTextLength),
                check.OptionalWebAddress(SourceUrl),
                check.OptionalText(Licence, MaxTextLength)
            ),
            check.OptionalDate(AsOf, SalaryInput.LatestDay(today))
        );
        faults = check.Faults;
        return observation;
    }

    /// <summary>The checks of one row's fields. It makes the list of faults with the first one, for most rows have none.</summary>
    private ref struct Check(ReadOnlySpan<string?> fields, string[] names, Faults? faults)
    {
        private readonly ReadOnlySpan<string?> _fields = fields;
        private readonly HashSet<string>? _known = faults is null ? null : [.. faults.ByPlace.Keys];

        public Faults? Faults { get; private set; } = faults;

        public string RequiredText(int field, int maxLength)
        {
            if (OptionalText(field, maxLength) is not { } text)
            {
                Refuse(field, Required);
                return "";
            }
            if (string.IsNullOrWhiteSpace(text))
            {
                Refuse(field, "must not be blank");
            }
            return text;
        }

        public string? OptionalText(int field, int maxLength)
        {
            if (_fields[field] is not { Length: > 0 } text)
            {
                return null;
            }
            if (text.Contains('\0'))
            {
                Refuse(field, Utf8Rule);
            }
            if (text.Length > maxLength && text.EnumerateRunes().Count() > maxLength)
            {
                Refuse(field, $"must have at most {maxLength} characters");
            }
            return text;
        }

        public string RequiredCode(int field, Func<string, bool> isKnown, string rule)
        {
            var code = OptionalCode(field, isKnown, rule);
            if (code.Length == 0)
            {
                Refuse(field, Required);
            }
            return code;
        }

        public string OptionalCode(int field, Func<string, bool> isKnown, string rule)
        {
            var code = _fields[field] ?? "";
            if (code.Length > 0 && !isKnown(code))
            {
                Refuse(field, rule);
            }
            return code;
        }

        public long WholeNumber(int field, long min, long max)
        {
            if (_fields[field] is not { Length: > 0 } text)
            {
                Refuse(field, Required);
                return 0;
            }
            if (!IsOfDigits(text))
            {
                Refuse(field, "must be a whole number in digits alone: no sign, decimal comma or point, separator, space or unit");
                return 0;
            }
            if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < min || number > max)
            {
                Refuse(field, $"must be from {min} to {max}");
            }
            return number;
        }

        public string? OptionalWebAddress(int field)
        {
            var text = OptionalText(field, MaxUrlLength);
            if (text is not null && !WebAddress.IsValid(text))
            {
                Refuse(field, WebAddress.Rule);
            }
            return text;
        }

        public DateOnly? OptionalDate(int field, DateOnly latest)
        {
            if (_fields[field] is not { Length: > 0 } text)
            {
                return null;
            }
            if (DateOnly.TryParseExact(text, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out var date))
            {
                if (date > latest)
                {
                    Refuse(field, SalaryInput.FutureRule);
                }
                return date;
            }
            Refuse(field, "must be a date: yyyy-MM-dd");
            return null;
        }

        private void Refuse(int field, string message)
        {
            if (_known?.Contains(names[field]) == true)
            {
                return; // of the wrong type, which says it all
            }
            Faults ??= new Faults();
            Faults.Add(names[field], message);
        }

        private static bool IsOfDigits(string text) => !text.AsSpan().ContainsAnyExceptInRange('0', '9');
    }
}
