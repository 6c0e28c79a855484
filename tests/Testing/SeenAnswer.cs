using System.Globalization;
using System.Text.RegularExpressions;

namespace BackendGuide.Testing;

/// <summary>An answer of a service, with what its <c>Applied</c> says of it: for each source where it was read, and up to where it holds.</summary>
public sealed partial record SeenAnswer(
    int Status,
    string Body,
    IReadOnlyDictionary<string, long> Since,
    IReadOnlyDictionary<string, long> Holds
)
{
    /// <summary>True where it is one and the same reading of the database: it was kept meanwhile, wherever.</summary>
    public bool IsTheSameReadingAs(SeenAnswer other)
    {
        ArgumentNullException.ThrowIfNull(other);
        // What an error says has the id of its request in it.
        return Status == other.Status
            && (Status != 200 || Body == other.Body)
            && Since.OrderBy(Key).SequenceEqual(other.Since.OrderBy(Key));
    }

    /// <summary>True where it is known to have all that happened up to there.</summary>
    public bool HoldsAt(IReadOnlyDictionary<string, long> positions)
    {
        ArgumentNullException.ThrowIfNull(positions);
        return positions.All(wanted => Holds.GetValueOrDefault(wanted.Key, -1) >= wanted.Value);
    }

    /// <inheritdoc />
    public override string ToString() => $"{Status} since {Write(Since)}, holds {Write(Holds)}: {Body}";

    internal static SeenAnswer Of(int status, string body, string applied)
    {
        var sources = Applied.Matches(applied);
        return new SeenAnswer(
            status,
            body,
            sources.ToDictionary(Name, match => Number(match, 3)),
            sources.ToDictionary(Name, match => Number(match, 2))
        );
    }

    private static string Key(KeyValuePair<string, long> position) => position.Key;

    private static string Write(IReadOnlyDictionary<string, long> positions) =>
        string.Join(' ', positions.OrderBy(Key).Select(position => $"{position.Key}={position.Value}"));

    private static string Name(Match match) => match.Groups[1].Value;

    private static long Number(Match match, int group) => long.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("""([a-z]+)=(\d+);epoch="[^"]+";since=(\d+)""")]
    private static partial Regex Applied { get; }
}

/// <summary>Reads of one instance of a service.</summary>
public static class SeenAnswers
{
    /// <summary>Reads an answer, whatever its status is.</summary>
    public static async Task<SeenAnswer> SeeAsync(
        this HttpClient instance,
        string path,
        CancellationToken cancellationToken,
        string? afterChange = null
    )
    {
        ArgumentNullException.ThrowIfNull(instance);
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        if (afterChange is not null)
        {
            request.Headers.Add("After-Change", afterChange);
        }
        using var answer = await instance.SendAsync(request, cancellationToken);
        var applied = answer.Headers.TryGetValues("Applied", out var values) ? values.Single() : "";
        return SeenAnswer.Of((int)answer.StatusCode, await answer.Content.ReadAsStringAsync(cancellationToken), applied);
    }
}
