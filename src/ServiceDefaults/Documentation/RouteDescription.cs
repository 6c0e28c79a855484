using System.Text.Json;
using System.Text.Json.Nodes;
using BackendGuide.ServiceDefaults.Http;
using BackendGuide.ServiceDefaults.LinkedData;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.ServiceDefaults.Documentation;

/// <summary>
/// What a route takes, gives and refuses. What the endpoint's other metadata says need not be said again: its path, its scope (401 and 403), what it
/// <c>Accepts</c> (415), <c>After-Change</c> and <c>Change-Cursor</c>; nor what every route may answer: 400, 405, 413, 429, 503, and 404 where the path has a
/// parameter.
/// </summary>
public sealed class RouteDescription
{
    private readonly List<DescribedAnswer> _answers = [];
    private readonly List<DescribedBody> _bodies = [];
    private readonly List<string> _headers = [];
    private readonly SortedDictionary<int, string?> _refusals = [];
    private readonly List<Action<QueryInput>> _queries = [];

    internal string? Details { get; private set; }

    internal string? OptionalScope { get; private set; }

    internal IReadOnlyList<DescribedAnswer> Answers => _answers;

    internal IReadOnlyList<DescribedBody> Bodies => _bodies;

    internal IReadOnlyList<string> RequestHeaders => _headers;

    internal IReadOnlyDictionary<int, string?> Refusals => _refusals;

    internal IReadOnlyList<DescribedParameter> Parameters => DescribedQuery.Describe(query => _queries.ForEach(read => read(query)));

    /// <summary>More about it, as CommonMark.</summary>
    public RouteDescription Detail(string text)
    {
        Details = text;
        return this;
    }

    /// <summary>The query, by what reads it: the endpoint's own reader, or the same questions as the endpoint asks.</summary>
    public RouteDescription Query(Action<QueryInput> read)
    {
        _queries.Add(read);
        return this;
    }

    /// <summary>Honours <c>If-Match</c> and <c>If-None-Match</c>: else it is 412.</summary>
    public RouteDescription Conditional() => Header(HeaderNames.IfMatch).Header(HeaderNames.IfNoneMatch).Refuses(412);

    /// <summary>Honours an <c>Idempotency-Key</c>: with another body it is 422.</summary>
    public RouteDescription Idempotent() => Header(IdempotencyKey.Header).Refuses(422, "The `Idempotency-Key` was used for another body.");

    /// <summary>Reads a request header; the document's list of them says what it may be.</summary>
    public RouteDescription Header(string name)
    {
        _headers.Add(name);
        return this;
    }

    /// <summary>Some of what it gives is for those alone whose token has the scope: 401 and 403.</summary>
    public RouteDescription ForSome(string scope)
    {
        OptionalScope = scope;
        return this;
    }

    /// <summary>Takes JSON.</summary>
    /// <param name="read">The reader of the body, which says what it may have.</param>
    /// <param name="maxBytes">The largest body in bytes.</param>
    /// <param name="example">A body that it takes.</param>
    public RouteDescription Takes<T>(Func<ObjectInput, T> read, int maxBytes, Func<object?>? example = null)
    {
        var content = new DescribedContent(MediaTypes.Json) { Schema = () => DescribedObject.Describe(read), Example = example };
        _bodies.Add(new DescribedBody(content, $"At most {maxBytes} bytes of UTF-8.", IsRequired: true));
        return this;
    }

    /// <summary>Takes JSON, or nothing.</summary>
    /// <param name="name">What the body is called.</param>
    /// <param name="read">The reader of the body, which says what it may have.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="example">A body that it takes.</param>
    public RouteDescription TakesOptionally<T>(string name, Func<ObjectInput, T> read, string description, Func<object?>? example = null)
    {
        var content = new DescribedContent(MediaTypes.Json)
        {
            Schema = () => Named(name, DescribedObject.Describe(read)),
            Example = example,
        };
        _bodies.Add(new DescribedBody(content, description, IsRequired: false));
        return this;
    }

    /// <summary>Takes nothing: an object without properties at most.</summary>
    public RouteDescription TakesNothing() => TakesOptionally("Nothing", static _ => true, "Nothing, or an object without properties.");

    /// <summary>Takes a text, such as Markdown.</summary>
    public RouteDescription TakesText(string mediaType, string description, Func<string>? example = null)
    {
        _bodies.Add(new DescribedBody(Text(mediaType, example), description, IsRequired: true));
        return this;
    }

    /// <summary>Takes a list of JSON objects.</summary>
    /// <param name="read">The reader of one of them.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="example">A body that it takes.</param>
    /// <param name="areJudgedAlone">True where one that is wrong is named in the answer's <c>rejected</c>, and the others are taken.</param>
    public RouteDescription TakesList<T>(
        Func<ObjectInput, T> read,
        string description,
        Func<object?>? example = null,
        bool areJudgedAlone = false
    )
    {
        var content = new DescribedContent(MediaTypes.Json)
        {
            Schema = () => ListOf(DescribedObject.Describe(read), areJudgedAlone),
            Example = example,
        };
        _bodies.Add(new DescribedBody(content, description, IsRequired: true));
        return this;
    }

    /// <summary>Takes one JSON object a line.</summary>
    /// <param name="mediaType">Such as <c>application/x-ndjson</c>.</param>
    /// <param name="read">The reader of one of them.</param>
    /// <param name="description">What it is for.</param>
    /// <param name="example">A body that it takes.</param>
    public RouteDescription TakesLines<T>(string mediaType, Func<ObjectInput, T> read, string description, Func<string>? example = null)
    {
        var content = new DescribedContent(mediaType)
        {
            Schema = () => DescribedObject.Describe(read),
            IsLines = true,
            Example = example,
        };
        _bodies.Add(new DescribedBody(content, description, IsRequired: true));
        return this;
    }

    /// <summary>Gives a resource: 200 with its tag, and 304 to who has it already.</summary>
    public RouteDescription Reads<T>(string description, Func<object?>? example = null, JsonSerializerOptions? options = null)
    {
        Answer(StatusCodes.Status200OK, description, Json(typeof(T), example, options));
        return NotModified().With(HeaderNames.LastModified);
    }

    /// <summary>What is given has a tag, and who has it already gets 304.</summary>
    public RouteDescription NotModified() =>
        Answer(StatusCodes.Status304NotModified, "The client has these very bytes.")
            .With(HeaderNames.ETag, HeaderNames.CacheControl, HeaderNames.Vary);

    /// <summary>Gives a page of a list.</summary>
    public RouteDescription Lists<T>(string description, Func<object?>? example = null)
    {
        Answer(StatusCodes.Status200OK, description, Json(typeof(Page<T>), example, null));
        return With(HeaderNames.CacheControl).Perhaps(HeaderNames.Link);
    }

    /// <summary>Saves a resource, and gives it as its editor reads it: 200, or 201 with <c>Location</c> where that is said to be possible.</summary>
    public RouteDescription Saves<T>(string description, Func<object?>? example = null, bool creates = false)
    {
        if (creates)
        {
            Answer(StatusCodes.Status201Created, "It is new.", Json(typeof(T), example, null));
            With(HeaderNames.Location);
        }
        Answer(StatusCodes.Status200OK, description, Json(typeof(T), example, null));
        return With(HeaderNames.ETag, HeaderNames.CacheControl);
    }

    /// <summary>Says that it is done: 204 with the tag.</summary>
    public RouteDescription Does(string description)
    {
        Answer(StatusCodes.Status204NoContent, description);
        return With(HeaderNames.ETag, HeaderNames.CacheControl);
    }

    /// <summary>Gives JSON with a status; what headers it has is said after it.</summary>
    public RouteDescription Gives<T>(
        int status,
        string description,
        Func<object?>? example = null,
        JsonSerializerOptions? options = null,
        string mediaType = MediaTypes.Json
    ) => Answer(status, description, Json(typeof(T), example, options, mediaType));

    /// <summary>Gives a text with a status.</summary>
    public RouteDescription GivesText(int status, string mediaType, string description, Func<string>? example = null) =>
        Answer(status, description, Text(mediaType, example));

    /// <summary>Gives one JSON value a line.</summary>
    public RouteDescription GivesLines<T>(string mediaType, string description, Func<string>? example = null) =>
        Answer(
            StatusCodes.Status200OK,
            description,
            new DescribedContent(mediaType)
            {
                Type = typeof(T),
                IsLines = true,
                Example = example,
            }
        );

    /// <summary>The successful answer comes in another media type too.</summary>
    public RouteDescription Also(string mediaType, Func<string>? example = null)
    {
        _answers.First(answer => answer.Contents.Count > 0).Contents.Add(Text(mediaType, example));
        return this;
    }

    /// <summary>The successful answer comes as another form of JSON too.</summary>
    public RouteDescription Also(string mediaType, Func<JsonObject> schema, Func<object?>? example = null)
    {
        _answers
            .First(answer => answer.Contents.Count > 0)
            .Contents.Add(new DescribedContent(mediaType) { Schema = schema, Example = example });
        return this;
    }

    /// <summary>What was said to be given, is given with these headers.</summary>
    public RouteDescription With(params ReadOnlySpan<string> headers) => Say(isRequired: true, headers);

    /// <summary>What was said to be given, may have these headers.</summary>
    public RouteDescription Perhaps(params ReadOnlySpan<string> headers) => Say(isRequired: false, headers);

    /// <summary>Refuses with a problem.</summary>
    /// <param name="status">400 to 599.</param>
    /// <param name="why">Null where there is nothing to say of it but what it always means.</param>
    public RouteDescription Refuses(int status, string? why = null)
    {
        _refusals[status] = why;
        return this;
    }

    private RouteDescription Say(bool isRequired, ReadOnlySpan<string> headers)
    {
        foreach (var header in headers)
        {
            foreach (var answer in _answers)
            {
                answer.Headers.TryAdd(header, isRequired);
            }
        }
        return this;
    }

    private RouteDescription Answer(int status, string description, params ReadOnlySpan<DescribedContent> contents)
    {
        var answer = new DescribedAnswer(status, description);
        answer.Contents.AddRange(contents);
        _answers.Add(answer);
        return this;
    }

    private static DescribedContent Json(
        Type type,
        Func<object?>? example,
        JsonSerializerOptions? options,
        string mediaType = MediaTypes.Json
    ) =>
        new(mediaType)
        {
            Type = type,
            Options = options ?? ApiJson.Options,
            Example = example,
        };

    private static DescribedContent Text(string mediaType, Func<string>? example) =>
        mediaType.EndsWith("+json", StringComparison.Ordinal)
            ? new(mediaType) { Schema = LinkedData, Example = example is null ? null : () => JsonNode.Parse(example()) }
            : new(mediaType) { Schema = static () => new JsonObject { ["type"] = "string" }, Example = example };

    // JSON-LD: what a document has besides is in the words of its context.
    private static JsonObject LinkedData() =>
        new()
        {
            [SchemaMarks.Name] = "LinkedData",
            ["type"] = "object",
            ["description"] = "A JSON-LD document in schema.org's words.",
            ["required"] = new JsonArray("@context", "@type"),
            ["properties"] = new JsonObject
            {
                ["@context"] = new JsonObject { ["const"] = LinkedJson.Context },
                ["@type"] = new JsonObject { ["type"] = "string" },
            },
            ["additionalProperties"] = true,
        };

    private static JsonObject Named(string name, JsonObject schema)
    {
        schema.Remove(SchemaMarks.Record);
        schema[SchemaMarks.Name] = name;
        return schema;
    }

    private static JsonObject ListOf(JsonObject items, bool areJudgedAlone)
    {
        var list = new JsonObject { ["type"] = "array", ["items"] = items };
        if (areJudgedAlone)
        {
            list[SchemaMarks.JudgedAlone] = true;
        }
        return list;
    }
}
