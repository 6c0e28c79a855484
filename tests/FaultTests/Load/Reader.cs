using System.Globalization;
using System.Net;
using BackendGuide.FaultTests.Checking;

namespace BackendGuide.FaultTests.Load;

/// <summary>Reads what a user sees of the load's resources.</summary>
internal static class Reader
{
    // Each instance of the service may have something old in its hands, and the gateway picks which one answers.
    private const int Times = 3;

    /// <summary>What the gateway answers for each resource of a source, several times over.</summary>
    public static async Task<IReadOnlyList<ServedVersion>> ReadAllAsync(
        HttpClient gateway,
        string source,
        CancellationToken cancellationToken
    )
    {
        List<ServedVersion> served = [];
        foreach (var resource in Enumerable.Repeat(Resource.All.Where(resource => resource.Source == source), Times).SelectMany(all => all))
        {
            using var answer = await gateway.GetAsync(resource.Path, cancellationToken);
            long? version = answer.StatusCode == HttpStatusCode.OK ? Writer.VersionOf(answer) : null;
            var said = version is { } v
                ? $"version {v.ToString(CultureInfo.InvariantCulture)}"
                : ((int)answer.StatusCode).ToString(CultureInfo.InvariantCulture);
            served.Add(new ServedVersion(resource.Subject, version, said));
        }
        return served;
    }
}
