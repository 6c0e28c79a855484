using System.Text;
using System.Text.Json.Nodes;

namespace BackendGuide.OpenApi.Tests.Fuzzing;

/// <summary>Spoils what is right: bodies, words and headers that no client should send, and that some do.</summary>
internal sealed class Spoiler(Random random)
{
    /// <summary>Words that go into a path, a query or a header, as they are written there.</summary>
    private static readonly string[] s_words =
    [
        "",
        "%20",
        "%00",
        "%0a",
        "%ff",
        "%",
        "%zz",
        "%2F",
        "%2e%2e",
        "%252F",
        "%7Bslug%7D",
        "A",
        "a--b",
        "-a",
        "a_b",
        "1",
        "0",
        "-1",
        "1.5",
        "1e9",
        "99999999999999999999",
        "null",
        "true",
        "*",
        "'",
        "%22",
        "%5C",
        "';--",
        "%24%7Bjndi%7D",
        "%3Cscript%3E",
        "%E4%B8%96%E7%95%8C",
        "%F0%9F%98%80",
        "2026-13-45T99:99:99Z",
        "9999-12-31T23:59:59.9999999Z",
        "AQ",
        "eyJhIjoxfQ",
        "xn--",
        "a,b,,c",
        ",",
        "=",
        ";x=1",
        new('a', 121),
        new('a', 2_000),
        new('a', 9_000),
    ];

    private static readonly string[] s_headers =
    [
        "",
        " ",
        "*",
        ",",
        "\"",
        "\"\"",
        "W/\"1\"",
        "\"1-abc\"",
        "1",
        "a/b",
        "*/*;q=0",
        "application/json;q=2",
        "text/html, application/xml;q=0.9",
        "gzip;q=x, br",
        "Bearer",
        "Bearer a.b.c",
        "Basic dTpw",
        "Grüße",
        new('a', 300),
        new('a', 5_000),
    ];

    // As text, for a JSON writer would not write them.
    private static readonly string[] s_values =
    [
        "null",
        "true",
        "-1",
        "0",
        "1.5",
        "1e400",
        "9223372036854775808",
        "\"\"",
        "\"   \"",
        "\"\\u0000\"",
        "\"\\uD800\"",
        "\"\\uDFFF\\uD800\"",
        "\"../../etc/passwd\"",
        "\"javascript:alert(1)\"",
        "\"2026-02-30\"",
        "[]",
        "{}",
        "[null]",
        "[[[[]]]]",
        "{\"\":{}}",
        "{\"kind\":\"other\"}",
    ];

    public string Word() => s_words[random.Next(s_words.Length)];

    public string Header() => s_headers[random.Next(s_headers.Length)];

    /// <summary>A body that is wrong in one way or another.</summary>
    public byte[] Body(JsonNode? right) =>
        random.Next(16) switch
        {
            0 => [],
            1 => [0xFF, 0xFE, 0x7B],
            2 => [0xEF, 0xBB, 0xBF, .. Text(right)],
            3 => [.. Text(right).SkipLast(1)],
            4 => [.. Text(right), .. "{}"u8],
            5 => Encoding.UTF8.GetBytes(new string('[', 40) + new string(']', 40)),
            6 => Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("{\"a\":", 5_000))),
            7 => Encoding.UTF8.GetBytes($"{{\"title\":\"{new string('x', 300_000)}\"}}"),
            8 => Encoding.UTF8.GetBytes($"{{\"\\uD800\":1,\"a\":1,\"a\":2}}"),
            9 => Encoding.UTF8.GetBytes(s_values[random.Next(s_values.Length)]),
            _ => Changed(right),
        };

    // One value somewhere in it is another, or is gone, or there is one more.
    private byte[] Changed(JsonNode? right)
    {
        if (right is not JsonObject)
        {
            return Encoding.UTF8.GetBytes(s_values[random.Next(s_values.Length)]);
        }
        var places = Objects(right).Where(it => it.Count > 0).ToList();
        if (places.Count == 0)
        {
            return "{\"unknown\":1}"u8.ToArray();
        }
        var place = places[random.Next(places.Count)];
        var name = place.ElementAt(random.Next(place.Count)).Key;
        switch (random.Next(5))
        {
            case 0:
                place.Remove(name);
                return Text(right);
            case 1:
                place[$"{name}s"] = 1;
                return Text(right);
            default:
                const string Mark = "\u0001mark";
                place[name] = Mark;
                var text = right
                    .ToJsonString()
                    .Replace(JsonValue.Create(Mark).ToJsonString(), s_values[random.Next(s_values.Length)], StringComparison.Ordinal);
                return Encoding.UTF8.GetBytes(text);
        }
    }

    private static IEnumerable<JsonObject> Objects(JsonNode? node) =>
        node switch
        {
            JsonObject one => one.SelectMany(property => Objects(property.Value)).Prepend(one),
            JsonArray several => several.SelectMany(Objects),
            _ => [],
        };

    private static byte[] Text(JsonNode? node) => Encoding.UTF8.GetBytes(node?.ToJsonString() ?? "null");
}
