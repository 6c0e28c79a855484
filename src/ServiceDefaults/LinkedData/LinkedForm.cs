using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ServiceDefaults.LinkedData;

/// <summary>What a client wants of a resource that comes as JSON, whole or by its properties, and as linked data.</summary>
/// <param name="Fields">The properties; null for all of them, and for linked data.</param>
/// <param name="Origin">What the addresses in linked data begin with; null where JSON is wanted.</param>
public sealed record LinkedForm(FieldSelection? Fields, PublicOrigin? Origin)
{
    /// <summary>All of it as JSON.</summary>
    public static LinkedForm Json { get; } = new(null, null);

    /// <summary>
    /// What the answer is kept under, besides what it is of. The origin is a part of it, for it may be another one after the next start, and answers
    /// outlive that.
    /// </summary>
    public string Key => Origin is null ? $"fields={Fields?.Key}" : $"fields= {MediaTypes.LinkedData} {Origin}";

    private static readonly string[] s_mediaTypes = [MediaTypes.Json, MediaTypes.LinkedData];

    /// <summary>What the request asks for; null where it accepts neither form. Properties of linked data are a fault.</summary>
    /// <param name="request">Its <c>Accept</c> counts.</param>
    /// <param name="query">Its query, of which <c>fields</c> is read.</param>
    /// <param name="known">All properties that the JSON has, in their order.</param>
    /// <param name="origin">What addresses begin with.</param>
    public static LinkedForm? Read(HttpRequest request, QueryInput query, IReadOnlyList<string> known, PublicOrigin origin)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(query);
        var fields = FieldSelection.Read(query, known);
        switch (MediaTypes.Choose(request.Headers.Accept, s_mediaTypes))
        {
            case null:
                return null;
            case MediaTypes.Json:
                return new LinkedForm(fields, null);
            default:
                if (fields is not null)
                {
                    FieldSelection.Refuse(query);
                }
                return new LinkedForm(null, origin);
        }
    }

    /// <summary>The 406 for a request that <see cref="Read"/> gave null for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="thing">What was asked for, such as <c>A technology</c>.</param>
    public static ProblemHttpResult Refuse(HttpRequest request, string thing) => MediaTypes.Refuse(request, thing, s_mediaTypes);

    /// <summary>Writes the resource.</summary>
    /// <param name="version">The resource's.</param>
    /// <param name="lastModified">Its <c>updatedAt</c>, UTC.</param>
    /// <param name="json">Makes all of its JSON.</param>
    /// <param name="linked">Makes its document of linked data; its argument is what addresses begin with.</param>
    public Representation Write(long version, DateTime lastModified, Func<byte[]> json, Func<string, byte[]> linked)
    {
        ArgumentNullException.ThrowIfNull(json);
        ArgumentNullException.ThrowIfNull(linked);
        if (Origin is not null)
        {
            return Representation.Create(version, linked(Origin.Text), MediaTypes.LinkedData, lastModified);
        }
        var body = json();
        return Representation.Create(version, Fields?.Of(body) ?? body, MediaTypes.Json, lastModified);
    }
}
