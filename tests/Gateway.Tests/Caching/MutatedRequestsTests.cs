using System.Net;
using System.Net.Sockets;
using System.Text;
using BackendGuide.Testing;

namespace BackendGuide.Gateway.Tests.Caching;

/// <summary>
/// Requests that were changed by chance: whatever is kept, each is answered as it would be without (fault 36). The service answers with what it
/// understood, and marks as private what it gives to somebody in particular.
/// </summary>
public sealed class MutatedRequestsTests
{
    private static readonly int s_requests = Sizes.Pick(quick: 1_000, full: 5_000);

    private static readonly string[] s_targets =
    [
        "/api/v1/guides",
        "/api/v1/guides?limit=5&after=abc",
        "/api/v1/guides/a",
        "/api/v1/guides/a?locale=de",
        "/api/v1/technologies?limit=2",
        "/api/v1/technologies/python",
    ];

    private static readonly Func<Random, string, string>[] s_mutations =
    [
        (random, target) => target.Replace("guides", random.Next(2) == 0 ? "Guides" : "%67uides", StringComparison.Ordinal),
        (_, target) => target.Replace("/a", "/%61", StringComparison.Ordinal),
        (_, target) => target.Replace("/a", "/a%2Fb", StringComparison.Ordinal),
        (_, target) => target.Replace("/a", "/a%252Fb", StringComparison.Ordinal),
        (_, target) => target.Replace("/a", "/a;b", StringComparison.Ordinal),
        (_, target) => target.Replace("/v1/", "/v1//", StringComparison.Ordinal),
        (_, target) => target.Replace("/guides", "/x/../guides", StringComparison.Ordinal),
        (_, target) => Append(target, "limit=5"),
        (_, target) => Append(target, "limit=6&limit=7"),
        (_, target) => Append(target, "LOCALE=de"),
        (_, target) => Append(target, "locale=d%65"),
        (_, target) => Append(target, "preview=true"),
        (_, target) => target + "/",
        (_, target) => target + "/x.css",
        (random, target) => string.Join('?', target.Split('?', 2).Take(random.Next(1, 3))),
        (_, target) => target.Contains('&', StringComparison.Ordinal) ? string.Join('&', target.Split('&').Reverse()) : target,
    ];

    private static readonly (string Name, string[] Values)[] s_headers =
    [
        ("X-Forwarded-Host", ["evil.example"]),
        ("X-HTTP-Method-Override", ["DELETE"]),
        ("X-Original-URL", ["/api/v1/guides/b"]),
        ("Range", ["bytes=0-3"]),
        ("Accept", ["text/html", "*/*", "application/json;q=0"]),
        ("Accept-Language", ["de"]),
        ("Authorization", ["Bearer nobody"]),
        ("Cookie", ["session=1"]),
        ("Cache-Control", ["no-store", "max-age=0"]),
        ("If-Modified-Since", ["Thu, 26 Nov 2026 10:00:00 GMT"]),
        ("Host", ["evil.example"]),
    ];

    private static string Append(string target, string parameter) =>
        target + (target.Contains('?', StringComparison.Ordinal) ? "&" : "?") + parameter;

    [Fact]
    public async Task Request_ChangedByChance_IsAnsweredAsWithoutACache()
    {
        await using var content = await KeptContent.StartAsync();
        var answer = content.Service.Answer!;
        content.Service.Answer = context =>
        {
            var request = context.Request;
            var isPrivate = request.Headers.Authorization.Count + request.Headers.Cookie.Count > 0;
            var query = string.Join('&', request.Query.OrderBy(it => it.Key, StringComparer.Ordinal).Select(it => $"{it.Key}={it.Value}"));
            content.Body = $"{request.Path}?{query}{(isPrivate ? " private" : "")}";
            return answer(context);
        };
        var random = new Random(1);
        var (hits, kinds) = (0, new HashSet<string?>());
        for (var i = 0; i < s_requests; i++)
        {
            var target = s_targets[random.Next(s_targets.Length)];
            for (var mutations = random.Next(3); mutations > 0; mutations--)
            {
                target = s_mutations[random.Next(s_mutations.Length)](random, target);
            }
            List<string> headers = [];
            foreach (var (name, values) in s_headers.Where(_ => random.Next(8) == 0))
            {
                headers.Add($"{name}: {values[random.Next(values.Length)]}");
            }
            var method = random.Next(10) == 0 ? "HEAD" : "GET";

            var seen = await SendAsync(content.Gateway, method, target, headers);
            var uncached = await SendAsync(content.Gateway, method, target, [.. headers, "Cache-Control: no-store"]);

            var what = $"{i}: {method} {target} {string.Join("; ", headers)}";
            Assert.True(seen.Status == uncached.Status, $"{what}: {seen} {uncached}");
            if (seen.Status == 200)
            {
                Assert.True(seen.Body == uncached.Body && seen.Type == uncached.Type, $"{what}: {seen} {uncached}");
            }
            Assert.True(!seen.IsHit || !seen.Body.Contains("private", StringComparison.Ordinal), $"{what}: {seen}");
            hits += seen.IsHit ? 1 : 0;
            kinds.Add(seen.Cache);
        }
        Assert.True(hits > s_requests / 10, $"only {hits} of {s_requests} were kept: {string.Join(", ", kinds)}");
    }

    // An HttpClient would tidy up what is sent.
    private static async Task<Seen> SendAsync(TestGateway gateway, string method, string target, IEnumerable<string> headers)
    {
        var cancelled = TestContext.Current.CancellationToken;
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, gateway.Client.BaseAddress!.Port, cancelled);
        await using var stream = client.GetStream();
        var host = headers.Any(header => header.StartsWith("Host:", StringComparison.Ordinal)) ? "" : "Host: localhost\r\n";
        var head = string.Concat(headers.Select(header => header + "\r\n"));
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{method} {target} HTTP/1.1\r\n{host}{head}Connection: close\r\n\r\n"), cancelled);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        var parts = (await reader.ReadToEndAsync(cancelled)).Split("\r\n\r\n", 2);
        var lines = parts[0].Split("\r\n");
        var answer = lines
            .Skip(1)
            .Select(line => line.Split(": ", 2))
            .ToLookup(line => line[0], line => line[1], StringComparer.OrdinalIgnoreCase);
        return new Seen(
            int.Parse(lines[0].Split(' ')[1], provider: null),
            answer["Content-Type"].FirstOrDefault(),
            answer["Cache-Status"].FirstOrDefault(),
            answer["Transfer-Encoding"].Any() ? string.Concat(parts[1].Split("\r\n").Where((_, i) => i % 2 == 1)) : parts[1]
        );
    }

    private sealed record Seen(int Status, string? Type, string? Cache, string Body)
    {
        public bool IsHit => Cache == "backendguide; hit";
    }
}
