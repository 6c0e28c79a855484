using System.Buffers;
using System.Text.Json;
using System.Text.Unicode;
using BackendGuide.ServiceDefaults.Validation;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;

namespace BackendGuide.ServiceDefaults.Http;

/// <summary>What came of reading a request: a value, or the problem to answer with.</summary>
/// <param name="Value">Meaningful only where <paramref name="Problem"/> is null.</param>
/// <param name="Problem">A 400 with all faults.</param>
public readonly record struct Parsed<T>(T Value, ProblemHttpResult? Problem);

/// <summary>Reads JSON bodies: strictly, and with every fault reported together.</summary>
public static class JsonRequest
{
    private static readonly JsonDocumentOptions Strict = new()
    {
        MaxDepth = 32,
        AllowDuplicateProperties = false,
        CommentHandling = JsonCommentHandling.Disallow,
        AllowTrailingCommas = false,
    };

    /// <summary>Reads a body that has nothing to say: none, or an object without properties.</summary>
    public static async Task<ProblemHttpResult?> ReadEmptyAsync(HttpRequest request, Faults faults, CancellationToken cancellationToken) =>
        (await ReadOptionalObjectAsync(request, static _ => true, faults, cancellationToken)).Problem;

    /// <summary>Reads a body that may be left out: the value is then the default of its type.</summary>
    /// <param name="request">Its endpoint says <c>Accepts</c>, so that another media type was refused before.</param>
    /// <param name="read">Reads the properties; the unknown ones are refused after it.</param>
    /// <param name="faults">Faults found before, to be reported with the body's.</param>
    /// <param name="cancellationToken">The request's.</param>
    public static async Task<Parsed<T?>> ReadOptionalObjectAsync<T>(
        HttpRequest request,
        Func<ObjectInput, T> read,
        Faults faults,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(faults);
        var body = await ReadBytesAsync(request, cancellationToken);
        T? value = default;
        if (body.Length > 0)
        {
            value = ReadObject(body, read, faults);
        }
        return faults.Any ? new(default, faults.ToProblem()) : new(value, null);
    }

    /// <summary>Reads the body as one object.</summary>
    /// <param name="request">Its endpoint says <c>Accepts</c>, so that another media type was refused before.</param>
    /// <param name="maxBytes">The largest body that this resource may have, in bytes of UTF-8; a larger one is a fault at <c>$</c>.</param>
    /// <param name="read">Reads the properties; the unknown ones are refused after it.</param>
    /// <param name="faults">Faults found before, to be reported with the body's.</param>
    /// <param name="cancellationToken">The request's.</param>
    public static async Task<Parsed<T>> ReadObjectAsync<T>(
        HttpRequest request,
        int maxBytes,
        Func<ObjectInput, T> read,
        Faults faults,
        CancellationToken cancellationToken
    )
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(faults);
        var body = await ReadBytesAsync(request, cancellationToken);
        if (body.Length > maxBytes)
        {
            faults.Add("$", $"must have at most {maxBytes} bytes");
            return new(default!, faults.ToProblem());
        }
        var value = ReadObject(body, read, faults);
        return faults.Any ? new(default!, faults.ToProblem()) : new(value!, null);
    }

    /// <summary>Reads one object from bytes, by the same rules as a body; what is wrong goes to the faults.</summary>
    /// <param name="text">UTF-8, without a byte order mark.</param>
    /// <param name="read">Reads the properties; the unknown ones are refused after it.</param>
    /// <param name="faults">Where the faults go.</param>
    /// <returns>Meaningful only where no fault was added.</returns>
    public static T? ReadObject<T>(ReadOnlyMemory<byte> text, Func<ObjectInput, T> read, Faults faults)
    {
        ArgumentNullException.ThrowIfNull(read);
        ArgumentNullException.ThrowIfNull(faults);
        using var document = Parse(text, faults);
        if (document is null)
        {
            return default;
        }
        var input = new ObjectInput(document.RootElement, "$", faults);
        var value = read(input);
        input.RefuseOthers();
        return value;
    }

    /// <summary>Reads the whole body as it came; the server has a limit for it.</summary>
    public static async Task<ReadOnlyMemory<byte>> ReadBytesAsync(HttpRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        while (true)
        {
            var result = await request.BodyReader.ReadAsync(cancellationToken);
            if (result.IsCompleted)
            {
                var bytes = result.Buffer.ToArray();
                request.BodyReader.AdvanceTo(result.Buffer.End);
                return bytes;
            }
            request.BodyReader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> body, Faults faults)
    {
        if (!Utf8.IsValid(body.Span))
        {
            faults.Add("$", "must be UTF-8");
            return null;
        }
        try
        {
            return JsonDocument.Parse(body, Strict);
        }
        catch (JsonException e)
        {
            faults.Add("$", $"is not valid JSON: {e.Message}");
            return null;
        }
        catch (InvalidOperationException)
        {
            // The check for doubled names decodes them, and System.Text.Json reports half of a surrogate pair in one so.
            faults.Add("$", "must not have a lone surrogate in a property's name");
            return null;
        }
    }
}
