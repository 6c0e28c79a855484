namespace BackendGuide.ContentService.Tests.Guides;

/// <summary>One slug in several locales.</summary>
[Collection(nameof(RunningContentService))]
public sealed class GuideLocalesTests(RunningContentService service)
{
    private readonly GuideEditor _editor = new(service);

    [Fact]
    public async Task Locale_Published_HasVersionsAndEventsOfItsOwn()
    {
        await _editor.PublishAsync("two-locales", "English");
        await _editor.PublishAsync("two-locales", "English, changed");
        var created = await _editor.SendAsync("PUT", "/api/v1/guides/two-locales?locale=DE-at", GuideEditor.Body("Deutsch"));
        await _editor.SendAsync("POST", "/api/v1/guides/two-locales/publish?locale=de-AT");

        var german = await _editor.ReadAsync("/api/v1/guides/two-locales?locale=de-at");
        var english = await _editor.ReadAsync("/api/v1/guides/two-locales");

        Assert.Equal((201, "de-AT"), (created.Status, created.Text("locale")));
        Assert.Equal(
            ("Deutsch", "de-AT", "de-AT", "1"),
            (german.Text("title"), german.Text("locale"), german.Language, german.Text("version"))
        );
        Assert.Equal(("English, changed", "en", "2"), (english.Text("title"), english.Language, english.Text("version")));
        Assert.Equal("published 1 en, published 2 en", await _editor.EventsAsync("guides/two-locales"));
        Assert.Equal("published 1 de-AT", await _editor.EventsAsync("guides/two-locales/de-AT"));
    }

    [Fact]
    public async Task Read_OfALocaleThatIsMissingOrADraft_FallsBackAndSaysSo()
    {
        await _editor.PublishAsync("falls-back", "English");
        await _editor.SendAsync("PUT", "/api/v1/guides/falls-back?locale=fr", GuideEditor.Body("Brouillon"));

        foreach (var locale in new[] { "fr", "it" })
        {
            var read = await _editor.ReadAsync($"/api/v1/guides/falls-back?locale={locale}");
            Assert.Equal((200, "en", "en", "English"), (read.Status, read.Language, read.Text("locale"), read.Text("title")));
        }
    }

    [Fact]
    public async Task Read_OfAWithdrawnLocale_IsGoneWithoutFallback()
    {
        await _editor.PublishAsync("withdrawn-locale", "English");
        await _editor.PublishAsync("withdrawn-locale", "Deutsch", "?locale=de");

        Assert.Equal(204, (await _editor.SendAsync("DELETE", "/api/v1/guides/withdrawn-locale?locale=de")).Status);

        Assert.Equal(410, (await _editor.ReadAsync("/api/v1/guides/withdrawn-locale?locale=de")).Status);
        Assert.Equal(200, (await _editor.ReadAsync("/api/v1/guides/withdrawn-locale")).Status);
    }

    [Fact]
    public async Task Draft_WithdrawnAfterTheLocaleWasAskedFor_IsGoneAtOnce()
    {
        await _editor.PublishAsync("draft-goes", "English");
        await _editor.SendAsync("PUT", "/api/v1/guides/draft-goes?locale=sv", GuideEditor.Body("Utkast"));
        await _editor.SendAsync("PUT", "/api/v1/guides/only-draft-goes", GuideEditor.Body("Draft"));
        string[] paths =
        [
            "/api/v1/guides/draft-goes?locale=sv",
            "/api/v1/guides/only-draft-goes",
            "/api/v1/guides/only-draft-goes?locale=sv",
        ];
        List<(int, int)> seen = [];
        foreach (var path in paths)
        {
            seen.Add(((await _editor.ReadAsync(path)).Status, (await _editor.ReadAsync(path)).Status));
        }

        Assert.Equal(204, (await _editor.SendAsync("DELETE", "/api/v1/guides/draft-goes?locale=sv")).Status);
        Assert.Equal(204, (await _editor.SendAsync("DELETE", "/api/v1/guides/only-draft-goes")).Status);

        Assert.Equal([(200, 200), (404, 404), (404, 404)], seen);
        foreach (var path in paths)
        {
            Assert.Equal((path, 410), (path, (await _editor.ReadAsync(path)).Status));
        }
        Assert.Equal("English", (await _editor.ReadAsync("/api/v1/guides/draft-goes?locale=it")).Text("title"));
    }

    [Fact]
    public async Task Fallback_KeptBeforeADraftCameAndWent_IsGoneAtOnce()
    {
        await _editor.PublishAsync("kept-before", "English");
        string[] paths = ["/api/v1/guides/kept-before?locale=fi", "/api/v1/guides/kept-before?locale=fi&fields=title"];
        foreach (var path in paths)
        {
            Assert.Equal((200, 200), ((await _editor.ReadAsync(path)).Status, (await _editor.ReadAsync(path)).Status));
        }
        await _editor.SendAsync("PUT", "/api/v1/guides/kept-before?locale=fi", GuideEditor.Body("Luonnos"));

        Assert.Equal(204, (await _editor.SendAsync("DELETE", "/api/v1/guides/kept-before?locale=fi")).Status);

        foreach (var path in paths)
        {
            Assert.Equal((path, 410), (path, (await _editor.ReadAsync(path)).Status));
        }
        Assert.Equal(200, (await _editor.ReadAsync("/api/v1/guides/kept-before")).Status);
        Assert.Equal("published 1 en", await _editor.EventsAsync("guides/kept-before"));
        Assert.Equal("", await _editor.EventsAsync("guides/kept-before/fi"));
    }

    [Fact]
    public async Task Reference_ToAGuideInTheSameLocaleAlone_IsRightAndLeadsThere()
    {
        const string Path = "/api/v1/guides/refers-in-german";
        await _editor.PublishAsync("only-in-german", "Nur auf Deutsch", "?locale=de");
        await _editor.PublishAsync("in-both", "Auf Deutsch", "?locale=de");
        await _editor.PublishAsync("in-both", "In English");
        await _editor.PublishAsync("only-in-french", "En français", "?locale=fr");
        var block = Caching.Blocks.Guides("only-in-german", "in-both", "refers-in-german");

        var german = await PublishAsync("?locale=de", block);
        var english = await PublishAsync("", block);
        var french = await PublishAsync("?locale=de", Caching.Blocks.Guides("only-in-french"));

        Assert.Equal((200, 409, 409), (german.Status, english.Status, french.Status));
        Assert.Equal(
            ["$.sections[0].blocks[0].guides[0]"],
            english.Body.GetProperty("errors").EnumerateObject().Select(error => error.Name)
        );
        Assert.Equal(
            """{"only-in-german":{"title":"Nur auf Deutsch","href":"/api/v1/guides/only-in-german?locale=de"},"in-both":{"title":"In English","href":"/api/v1/guides/in-both"},"refers-in-german":{"title":"Verweist","href":"/api/v1/guides/refers-in-german?locale=de"}}""",
            await ResolvedAsync()
        );
        await _editor.SendAsync("DELETE", "/api/v1/guides/only-in-german?locale=de");
        Assert.DoesNotContain("only-in-german", await ResolvedAsync(), StringComparison.Ordinal);

        async Task<SeenGuide> PublishAsync(string query, object refers)
        {
            await _editor.SendAsync("PUT", Path + query, RunningContentService.GuideWith("Verweist", refers));
            return await _editor.SendAsync("POST", $"{Path}/publish{query}");
        }

        async Task<string> ResolvedAsync() =>
            (await _editor.ReadAsync($"{Path}?locale=de"))
                .Body.GetProperty("sections")[0]
                .GetProperty("blocks")[0]
                .GetProperty("resolved")
                .GetRawText();
    }

    [Fact]
    public async Task Preview_OfALocaleThatIsMissing_FallsBackAndOfAWithdrawnOneDoesNot()
    {
        await _editor.PublishAsync("preview-falls", "English");
        await _editor.PublishAsync("preview-falls", "Deutsch", "?locale=de");
        await _editor.SendAsync("DELETE", "/api/v1/guides/preview-falls?locale=de");

        var italian = await _editor.SendAsync("GET", "/api/v1/guides/preview-falls?locale=it&preview=true");
        var german = await _editor.SendAsync("GET", "/api/v1/guides/preview-falls?locale=de&preview=true");
        var created = await _editor.SendAsync(
            "PUT",
            "/api/v1/guides/preview-falls?locale=it",
            GuideEditor.Body("Italiano"),
            headers: ("If-Match", italian.ETag!)
        );

        Assert.Equal(("en", "en", "English"), (italian.Language, italian.Text("locale"), italian.Text("title")));
        Assert.Equal(("de", "withdrawn", "Deutsch"), (german.Text("locale"), german.Text("status"), german.Text("title")));
        Assert.Equal(412, created.Status); // the tag is of what it fell back to
    }

    [Theory]
    [InlineData("de", "de", 201)]
    [InlineData("DE", "de", 201)]
    [InlineData("fr", "de", 400)]
    [InlineData("no locale", "de", 400)]
    public async Task Body_WithALocale_MustAgreeWithTheQuery(string inBody, string inQuery, int expected)
    {
        var body = new
        {
            title = "T",
            locale = inBody,
            sections = Array.Empty<object>(),
        };

        var put = await _editor.SendAsync("PUT", $"/api/v1/guides/agrees-{inBody.Length}-{inBody[0] % 7}?locale={inQuery}", body);

        Assert.Equal(expected, put.Status);
        if (expected == 400)
        {
            Assert.Equal(["$.locale"], put.Body.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        }
    }

    [Fact]
    public async Task List_OfALocale_HasThoseThatHaveIt()
    {
        await _editor.PublishAsync("listed-in-both", "English", "", "of-this-test");
        await _editor.PublishAsync("listed-in-both", "Nederlands", "?locale=nl", "of-this-test");
        await _editor.PublishAsync("listed-in-english", "English", "", "of-this-test");

        var list = await _editor.ReadAsync("/api/v1/guides?locale=nl&tag=of-this-test");

        var only = Assert.Single(list.Body.GetProperty("items").EnumerateArray());
        Assert.Equal("Nederlands", only.GetProperty("title").GetString());
    }

    [Fact]
    public async Task AsOf_OfALocaleThatWasWithdrawnBeforeItWasEverPublished_Is410AsItIsNow()
    {
        await _editor.PublishAsync("never-german", "English");
        await _editor.SendAsync("PUT", "/api/v1/guides/never-german?locale=de", GuideEditor.Body("Entwurf"));
        var before = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("O");
        await _editor.SendAsync("DELETE", "/api/v1/guides/never-german?locale=de");
        var after = TimeProvider.System.GetUtcNow().UtcDateTime.ToString("O");

        Assert.Equal(410, (await _editor.ReadAsync("/api/v1/guides/never-german?locale=de")).Status);
        Assert.Equal(410, (await AsOfAsync("de", after)).Status);
        Assert.Equal("en", (await AsOfAsync("de", before)).Text("locale"));
        Assert.Equal("en", (await AsOfAsync("fr", after)).Text("locale"));

        Task<SeenGuide> AsOfAsync(string locale, string time) =>
            _editor.ReadAsync($"/api/v1/guides/never-german?locale={locale}&asOf={Uri.EscapeDataString(time)}");
    }
}
