using System.Globalization;

namespace BackendGuide.Library.Bench;

/// <summary>How much is measured.</summary>
/// <param name="Guides">That are imported and searched.</param>
/// <param name="Reads">Of each kind of search.</param>
/// <param name="Listed">Guides whose lists are read.</param>
/// <param name="Page">The deepest page that is read.</param>
/// <param name="MostRuns">How often a kind of search is measured at most, where others took some of the cores.</param>
internal sealed record Scale(int Guides, int Reads, int Listed, int Page, int MostRuns)
{
    public static readonly Scale Full = new(Guides: 100_000, Reads: 500, Listed: 1_000_000, Page: 10_000, MostRuns: 3);

    public static readonly Scale Quick = new(Guides: 1_000, Reads: 40, Listed: 20_000, Page: 100, MostRuns: 1);
}

/// <summary>One line of the table.</summary>
/// <param name="Name">What was measured.</param>
/// <param name="Value">The figure.</param>
/// <param name="Unit">Of the figure.</param>
/// <param name="Bound">What it is to be; null where nothing is demanded.</param>
/// <param name="AtLeast">True where the bound is a floor, false where it is a ceiling.</param>
/// <param name="IsJudgedAlways">True where it does not depend on how fast the machine is.</param>
internal sealed record Figure(
    string Name,
    double Value,
    string Unit,
    double? Bound = null,
    bool AtLeast = true,
    bool IsJudgedAlways = false
)
{
    /// <summary>The share of the cores that others had meanwhile, where that was too much to judge by.</summary>
    public double? Taken { get; init; }

    public bool IsReached => Bound is not { } bound || (AtLeast ? Value >= bound : Value <= bound);
}

/// <summary>The table, printed as it is measured: the whole of it takes long.</summary>
internal sealed class Report
{
    private readonly Scale _scale;

    public Report(Scale scale)
    {
        _scale = scale;
        Console.WriteLine(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{Environment.ProcessorCount} cores, {scale.Guides:#,0} guides of 4 KB imported, {scale.Listed:#,0} listed; gateway, services, servers and client on the same machine"
            )
        );
    }

    /// <summary>1 where a figure that is judged was missed; 3 where one was while others had the cores; 0 where none was.</summary>
    public int ExitCode { get; private set; }

    public void Print(IReadOnlyList<Figure> figures)
    {
        foreach (var figure in figures)
        {
            var bound = figure.Bound is { } value
                ? $"{(figure.AtLeast ? ">=" : "<=")} {value.ToString("#,0.#", CultureInfo.InvariantCulture)}"
                : "";
            var isJudged = figure.Bound is not null && (_scale == Scale.Full || figure.IsJudgedAlways);
            var verdict =
                !isJudged ? ""
                : figure.IsReached ? "reached"
                : figure.Taken is { } taken ? string.Create(CultureInfo.InvariantCulture, $"too noisy: others had {taken:P1}")
                : "MISSED";
            if (isJudged && !figure.IsReached && ExitCode != 1)
            {
                ExitCode = figure.Taken is null ? 1 : 3;
            }
            Console.WriteLine(
                $"{figure.Name, -62} {figure.Value.ToString("#,0.#", CultureInfo.InvariantCulture), 10} {figure.Unit, -9} {bound, -9} {verdict}"
            );
        }
    }
}
