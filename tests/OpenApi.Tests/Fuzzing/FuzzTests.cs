using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using BackendGuide.Testing;
using BackendGuide.Testing.OpenApi;

namespace BackendGuide.OpenApi.Tests.Fuzzing;

/// <summary>
/// Sends each operation of the document requests that it takes and requests that are spoilt, through the gateway: never a 5xx, never an answer that is not
/// documented. A run is repeated by its seed.
/// </summary>
public sealed class FuzzTests(WholeSystem system) : IClassFixture<WholeSystem>
{
    private static readonly SchemaCheck s_schemas = new(ApiDescription.Committed);

    private const int MostFaults = 5;
    private const int BetweenPreparations = 10;
    private const int MostTries = 3;

    private static readonly int s_seed = Environment.GetEnvironmentVariable("BACKENDGUIDE_SEED") is { Length: > 0 } seed
        ? int.Parse(seed, CultureInfo.InvariantCulture)
        : 20_261_127;

    private static readonly int s_requests = Sizes.Pick(quick: 80, full: 3_000);

    public static TheoryData<string> Operations => [.. ApiDescription.Committed.Operations.Select(operation => operation.ToString())];

    [Theory]
    [MemberData(nameof(Operations))]
    public async Task Operation_SentAnythingAtAll_AnswersAsTheDocumentSaysAndNever5xx(string name)
    {
        var token = TestContext.Current.CancellationToken;
        var operation = ApiDescription.Committed.Operations.Single(it => it.ToString() == name);
        var requests = new RequestMaker(operation, system, new Random(s_seed ^ StableHash(name)));
        var (faults, accepted) = (new List<string>(), 0);
        for (var i = 0; i < s_requests && faults.Count < MostFaults; i++)
        {
            if (i % BetweenPreparations == 0)
            {
                await system.PrepareAsync(operation, token);
            }
            using var request = requests.Make();
            try
            {
                using var answer = await SendAsync(request, token);
                accepted += answer.IsSuccessStatusCode ? 1 : 0;
                if (answer.Headers.TryGetValues("Change-Cursor", out var cursors))
                {
                    requests.Cursors.AddRange(cursors);
                }
                faults.AddRange(await LineFaultsAsync(answer, operation, token));
                if ((int)answer.StatusCode >= 500)
                {
                    faults.Add($"{await TextAsync(request)}\n  {(int)answer.StatusCode}: {await answer.Content.ReadAsStringAsync(token)}");
                }
            }
            catch (UndocumentedAnswerException e)
            {
                faults.Add($"{await TextAsync(request)}\n  {e.Message}");
            }
        }

        Assert.True(faults.Count == 0, $"BACKENDGUIDE_SEED={s_seed}\n{string.Join('\n', faults)}");
        Assert.True(accepted > 0, "Not one request was accepted: what the document says is right, is not.");
    }

    /// <summary>On a machine that has much to do an answer may not come in time; what is a request's own fault is one each time.</summary>
    private async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        for (var tries = 1; ; tries++)
        {
            using var copy = await RequestMaker.CopyAsync(request);
            var answer = await system.Client.SendAsync(copy, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || tries == MostTries)
            {
                return answer;
            }
            answer.Dispose();
            await system.HealthyAsync(cancellationToken);
        }
    }

    // Of an answer of many lines clients of the suite read as much as they want: here it is all of it.
    private static async Task<IEnumerable<string>> LineFaultsAsync(
        HttpResponseMessage answer,
        ApiOperation operation,
        CancellationToken cancellationToken
    )
    {
        if (
            operation.Response((int)answer.StatusCode) is not { } response
            || ApiOperation.SchemaOf(response, answer.Content.Headers.ContentType?.MediaType) is not { } schema
            || !schema.TryGetProperty(SchemaCheck.Lines, out var line)
            || answer.Content.Headers.ContentEncoding.Count > 0
        )
        {
            return [];
        }
        var lines = (await answer.Content.ReadAsStringAsync(cancellationToken)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        return lines.SelectMany(text => s_schemas.Faults(line, JsonElement.Parse(text), isStrict: true)).Select(fault => $"line: {fault}");
    }

    // A string's own is another in each process.
    private static int StableHash(string text) => text.Aggregate(17, (hash, letter) => unchecked((hash * 31) + letter));

    private static async Task<string> TextAsync(HttpRequestMessage request)
    {
        var body = request.Content is { } content ? await content.ReadAsByteArrayAsync() : [];
        var headers = request
            .Headers.NonValidated.Where(it => it.Key != "Authorization")
            .Select(it => $"{it.Key}: {Short(it.Value.ToString())}");
        return $"{request.Method} {Short(request.RequestUri!.PathAndQuery)} {string.Join(" | ", headers)} "
            + $"{request.Content?.Headers.ContentType} {Short(Encoding.UTF8.GetString(body))}";
    }

    private static string Short(string text) => text.Length > 400 ? $"{text[..400]}… ({text.Length})" : text;
}
