using BackendGuide.ServiceDefaults.Validation;

namespace BackendGuide.CareerService.Salaries.Observations;

/// <summary>Where each field is in the rows of a CSV.</summary>
/// <param name="Count">How many columns a row has.</param>
/// <param name="Places">By field, the column; -1 for one that the file has not.</param>
internal sealed record CsvHeader(int Count, int[] Places)
{
    // Of a file that is something else altogether enough is said by some of its columns.
    private const int MostNamed = 20;

    /// <summary>Reads the names of the columns, in whatever order they are.</summary>
    /// <exception cref="UnreadableUploadException">One is missing, there twice or not known; all such are named.</exception>
    public static CsvHeader Read(IReadOnlyList<string> names)
    {
        var faults = new Faults();
        var places = new int[ObservationInput.Count];
        Array.Fill(places, -1);
        HashSet<string> unknown = [];
        for (var column = 0; column < names.Count; column++)
        {
            var field = Array.IndexOf(ObservationInput.Columns, names[column]);
            if (field < 0)
            {
                if (unknown.Count < MostNamed && unknown.Add(names[column]))
                {
                    faults.Add(names[column], ReasonOf(names));
                }
            }
            else if (places[field] >= 0)
            {
                faults.Add(names[column], "is a column that is there twice");
            }
            else
            {
                places[field] = column;
            }
        }
        for (var field = 0; field < ObservationInput.RequiredColumns; field++)
        {
            if (places[field] < 0)
            {
                faults.Add(ObservationInput.Columns[field], "is a column that is missing");
            }
        }
        return faults.Any ? throw new UnreadableUploadException(faults) : new CsvHeader(names.Count, places);
    }

    private static string ReasonOf(IReadOnlyList<string> names) =>
        names.Count == 1 && names[0].AsSpan().ContainsAny(';', '\t', '|')
            ? "is not a known column: columns are separated by commas"
            : $"is not a known column: these are {string.Join(", ", ObservationInput.Columns)}";
}
