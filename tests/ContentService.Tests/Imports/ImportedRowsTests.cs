using System.Text.Json;
using BackendGuide.ContentService.Tests.Guides;

namespace BackendGuide.ContentService.Tests.Imports;

/// <summary>An import writes by statements of its own what an editor writes by others: the same rows, and the same events.</summary>
[Collection(nameof(RunningContentService))]
public sealed class ImportedRowsTests(RunningContentService service)
{
    // All that is kept of a guide, but for ids, times and its own name.
    private const string RowsSql = """
        SELECT replace(jsonb_pretty(jsonb_build_object(
          'guide', (SELECT to_jsonb(g) - 'id' - 'saved_at' - 'updated_at' - 'published_at' - 'withdrawn_at'
            || jsonb_build_object('withdrawn', g.withdrawn_at IS NOT NULL, 'changed', g.updated_at > g.published_at)),
          'revisions', (SELECT jsonb_agg(jsonb_build_array(revision, author, body) ORDER BY revision) FROM guide_revision WHERE guide_id = g.id),
          'publications', (SELECT jsonb_agg(jsonb_build_array(version, revision, at = g.updated_at) ORDER BY version) FROM guide_publication WHERE guide_id = g.id),
          'facets', (SELECT jsonb_agg(jsonb_build_array(kind, value, locale, slug, title,
              newest_published = -(extract(epoch FROM g.published_at) * 1000000)::bigint, newest_updated = -(extract(epoch FROM g.updated_at) * 1000000)::bigint)
            ORDER BY kind, value) FROM guide_facet WHERE guide_id = g.id),
          'events', (SELECT jsonb_agg(jsonb_build_array(aggregate_type, aggregate_version, event_type, schema_version, deleted,
              payload - 'updatedAt' - 'publishedAt' - 'withdrawnAt', headers->'subject', (SELECT jsonb_agg(tag ORDER BY tag) FROM jsonb_array_elements_text(headers->'tags') tag), headers ? 'traceParent',
              (payload->>'updatedAt')::timestamptz = occurred_at)
            ORDER BY seq) FROM event_log WHERE aggregate_id = g.id))), '{0}', '<slug>') FROM guide g WHERE slug = '{0}'
        """;

    private static readonly string[] s_blocks =
    [
        """{"kind":"markdown","text":"First"}""",
        """{"kind":"technologies","categories":[{"name":"Languages","technologies":["python","java"]}]}""",
        """{"kind":"technologies","categories":[{"name":"Languages","technologies":["csharp","java"]}]},{"kind":"career","career":"backend-developer"}""",
    ];

    private readonly GuideEditor _editor = new(service);
    private readonly ImportScene _scene = new(service);

    [Theory]
    [InlineData("en", "rows")]
    [InlineData("pt-BR", "linhas")]
    public async Task Guide_ImportedAndWithdrawnInSteps_IsKeptAsOneThatIsWritten(string locale, string slug)
    {
        (string Block, string Tags, bool Publish)[] steps =
        [
            (s_blocks[0], "\"one\"", false),
            (s_blocks[0], "\"one\"", true),
            (s_blocks[1], "\"one\",\"two\",\"two\"", false),
            (s_blocks[1], "\"one\",\"two\",\"two\"", true),
            (s_blocks[2], "\"two\"", true),
            (s_blocks[2], "\"two\"", true),
        ];
        foreach (var (block, tags, publish) in steps)
        {
            await WriteAsync(slug, locale, block, tags, publish);
        }
        await ExpectSameAsync(slug, locale);

        foreach (var written in (string[])[$"{slug}-written", $"{slug}-imported"])
        {
            Assert.Equal(204, (await _editor.SendAsync("DELETE", $"{GuideEditor.Path(written)}?locale={locale}")).Status);
        }
        await WriteAsync(slug, locale, s_blocks[1], "", publish: false);
        await WriteAsync(slug, locale, s_blocks[1], "", publish: true);
        await ExpectSameAsync(slug, locale);
    }

    private async Task WriteAsync(string slug, string locale, string block, string tags, bool publish)
    {
        var body = $"\"title\":\"Rows\",\"tags\":[{tags}],\"sections\":[{{\"heading\":\"Part\",\"blocks\":[{block}]}}]";
        var path = GuideEditor.Path($"{slug}-written");
        Assert.InRange((await _editor.SendAsync("PUT", $"{path}?locale={locale}", $"{{{body}}}")).Status, 200, 201);
        if (publish)
        {
            Assert.Equal(200, (await _editor.SendAsync("POST", $"{path}/publish?locale={locale}")).Status);
        }
        var line = $"{{\"slug\":\"{slug}-imported\",\"locale\":\"{locale}\",{body},\"publish\":{JsonSerializer.Serialize(publish)}}}";
        Assert.NotEqual("rejected", Assert.Single(await _scene.ImportAsync(line)).Status);
    }

    private async Task ExpectSameAsync(string slug, string locale)
    {
        var written = await RowsAsync($"{slug}-written");
        Assert.Contains($"\"locale\": \"{locale}\"", written, StringComparison.Ordinal);
        Assert.Equal(written, await RowsAsync($"{slug}-imported"));
        Assert.Contains("backendguide.guide.published.v1", written, StringComparison.Ordinal);
    }

    private Task<string> RowsAsync(string slug) => _editor.ScalarAsync<string>(RowsSql.Replace("{0}", slug, StringComparison.Ordinal));
}
