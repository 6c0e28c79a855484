using System.Text.Json;
using BackendGuide.ServiceDefaults;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.CareerService.Salaries;

/// <summary>What is kept in place of an answer that the state of things does not allow: a problem to whoever asks.</summary>
/// <param name="Status">404, 409 or 410.</param>
/// <param name="Detail">Why.</param>
/// <param name="Errors">By parameter; null where the detail says it all.</param>
internal sealed record RefusedAnswer(int Status, string Detail, IReadOnlyDictionary<string, string[]>? Errors = null)
{
    public Representation ToRepresentation() =>
        new(JsonSerializer.SerializeToUtf8Bytes(this, ApiJson.Options), MediaTypes.Json, ETag: "", default);

    public ProblemHttpResult ToProblem() => Problems.OfStatus(Status, Detail, Errors);

    /// <summary>The refusal that an answer is; null for any other. It is told by what it has, for it may come from Redis.</summary>
    public static RefusedAnswer? Of(Representation answer) =>
        answer.ETag.Length == 0 ? JsonSerializer.Deserialize<RefusedAnswer>(answer.Body.Span, ApiJson.Options) : null;
}
