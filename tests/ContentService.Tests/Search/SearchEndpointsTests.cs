using System.Text.Json;
using BackendGuide.Testing;

namespace BackendGuide.ContentService.Tests.Search;

[Collection(nameof(RunningContentService))]
public sealed class SearchEndpointsTests(RunningContentService service)
{
    private readonly SearchScene _scene = new(service);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Guide_JustPublished_IsFoundByWhatItsBlocksSayWithTheHitsMarked()
    {
        var cursor = await _scene.PublishAsync("quokkas", "Keeping animals", "A **quokka** is [friendly](https://example.org/zyzzyva).");

        var hit = Assert.Single(await _scene.FindAsync("quokkas", after: cursor));

        Assert.Equal(("guide", "quokkas"), (hit.GetProperty("kind").GetString(), hit.GetProperty("slug").GetString()));
        Assert.Equal("<mark>quokka</mark> is friendly", hit.GetProperty("snippet").GetString());
        Assert.Equal("/api/v1/guides/quokkas", hit.GetProperty("href").GetString());
        Assert.True(hit.GetProperty("score").GetDouble() > 0);
        Assert.Empty(await _scene.FindAsync("zyzzyva"));
    }

    [Fact]
    public async Task Snippet_OfWhatHasTheWordInItsNameOrTagsAlone_BeginsWithThatAndTheHitMarked()
    {
        await _scene.PutTechnologyAsync("axolotldb", "Axolotl <DB>");
        await _scene.PutTechnologyAsync("axolotlmq", "Axolotl MQ", "Queues for all.");
        var cursor = await _scene.PublishAsync("regrowing", "Regrowing", "Limbs grow again.", tags: "axolotl");

        var snippets = (await _scene.FindAsync("axolotl", after: cursor)).ToDictionary(
            hit => hit.GetProperty("slug").GetString()!,
            hit => hit.GetProperty("snippet").GetString()
        );

        Assert.Equal("<mark>Axolotl</mark> &lt;DB&gt; · Searched", snippets["axolotldb"]);
        Assert.Equal("<mark>Axolotl</mark> MQ · Searched … Queues for all.", snippets["axolotlmq"]);
        Assert.Equal("Regrowing · <mark>axolotl</mark> … Limbs grow again.", snippets["regrowing"]);
    }

    [Fact]
    public async Task Pages_OfASearch_SayInALinkWhereTheyGoOn()
    {
        await _scene.PutTechnologyAsync("wombat-one", "Wombat one");
        await _scene.PutTechnologyAsync("wombat-two", "Wombat two");

        using var answer = await service.Client.GetAsync(new Uri("/api/v1/search?q=wombat&limit=1", UriKind.Relative), Token);
        var next = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token)).RootElement.GetProperty("next").GetString();

        Assert.Equal($"</api/v1/search?limit=1&q=wombat&after={next}>; rel=\"next\"", Assert.Single(answer.Headers.GetValues("Link")));
    }

    [Fact]
    public async Task Fields_OfASearch_AreThosePropertiesOfEachItem()
    {
        await _scene.PutTechnologyAsync("kowari", "Kowari");

        using var some = await service.Client.GetAsync(new Uri("/api/v1/search?q=kowari&fields=title,kind", UriKind.Relative), Token);
        using var unknown = await service.Client.GetAsync(new Uri("/api/v1/search?q=kowari&fields=version", UriKind.Relative), Token);

        using var page = JsonDocument.Parse(await some.Content.ReadAsStringAsync(Token));
        Assert.Equal("""{"kind":"technology","title":"Kowari"}""", page.RootElement.GetProperty("items")[0].GetRawText());
        Assert.Equal(System.Net.HttpStatusCode.BadRequest, unknown.StatusCode);
    }

    [Fact]
    public async Task Words_WithQuotesNotAndOr_FindAsOnTheWeb()
    {
        await _scene.PublishAsync("numbat-a", "Numbat one", "They eat termites quickly");
        await _scene.PublishAsync("numbat-b", "Numbat two", "They quickly eat termites");
        var cursor = await _scene.PublishAsync("dunnart", "Dunnart", "Another one");

        Assert.Equal(["guide/numbat-b"], await _scene.FindNamesAsync("numbat \"eat termites\" -\"termites quickly\"", after: cursor));
        Assert.Equal(["guide/numbat-a"], await _scene.FindNamesAsync("numbat \"termites quickly\""));
        Assert.Equal(["guide/dunnart", "guide/numbat-a"], (await _scene.FindNamesAsync("\"termites quickly\" or dunnart")).Order());
    }

    [Fact]
    public async Task Exclusion_OfWhatOnlyTheTextHas_KeepsAGuideWhoseTitleMatchesOut()
    {
        await _scene.PublishAsync("bilby-a", "Bilby at night", "It digs");
        var cursor = await _scene.PublishAsync("bilby-b", "Bilby by day", "It sleeps");

        Assert.Equal(["guide/bilby-b"], await _scene.FindNamesAsync("bilby -digs", after: cursor));
    }

    [Theory]
    [InlineData("postgressql", "technology/postgresql")]
    [InlineData("PostgreSQL", "technology/postgresql")]
    [InlineData("djagno", "technology/django")]
    [InlineData("djagno -snake", "technology/django")]
    [InlineData("Pyhton", "technology/python")]
    [InlineData("Reids", "technology/redis")]
    [InlineData("Rdeis", "technology/redis")]
    [InlineData("Rexis", "technology/redis")]
    [InlineData("xedis", "technology/redis")]
    [InlineData("MyQSL", "technology/mysql")]
    [InlineData("MxSQL", "technology/mysql")]
    [InlineData("Exrpess", "technology/expressjs")]
    [InlineData("Jvaa", "technology/java")]
    [InlineData("Laarvel", "technology/laravel")]
    [InlineData("MognoDB -snake", "technology/mongodb")]
    [InlineData("Gogole", "technology/google-cloud")]
    [InlineData("Spirng", "technology/spring-boot")]
    public async Task Technology_TypedWithATypoOrWithout_IsTheFirstThatIsFound(string words, string expected) =>
        Assert.Equal(expected, (await _scene.FindNamesAsync(words))[0]);

    [Fact]
    public async Task Typo_OfTwoSwappedLetters_FindsTheTitleThatIsTheWordBeforeOneThatHasIt()
    {
        await _scene.PutTechnologyAsync("tamarin", "Tamarin");
        await _scene.PutTechnologyAsync("tamarin-two", "Tamarin Two and more");
        var cursor = await _scene.PublishAsync("tamarins", "Keeping a Tamarin", "Nothing");

        var found = await _scene.FindNamesAsync("tmaarin", after: cursor);

        Assert.Equal("technology/tamarin", found[0]);
        Assert.Equal(["guide/tamarins", "technology/tamarin", "technology/tamarin-two"], found.Order());
        Assert.Equal(["technology/tamarin", "technology/tamarin-two"], (await _scene.FindNamesAsync("tmaarin -keeping")).Order());
    }

    [Fact]
    public async Task Words_ThatAreFoundAsTheyAre_AreNotTakenForTypos()
    {
        await _scene.PutTechnologyAsync("tralil", "Tralil");
        await _scene.PutTechnologyAsync("llamatron", "Llamatron");
        Assert.Equal(["technology/tralil"], await _scene.FindNamesAsync("tarlil"));

        var cursor = await _scene.PublishAsync("number-818283", "Of 818283 and more", "A tarlil is said here.");

        Assert.Equal(["guide/number-818283"], await _scene.FindNamesAsync("tarlil", after: cursor));
        Assert.Empty(await _scene.FindNamesAsync("881283"));
        Assert.Empty(await _scene.FindNamesAsync("818289"));
        Assert.Empty(await _scene.FindNamesAsync("llamatron - llamatron"));
    }

    [Fact]
    public async Task Technology_OfWhoseNameManyTextsHaveAPart_IsFoundByIt()
    {
        await _scene.PutTechnologyAsync("echidna-js", "Echidna.js");
        await _scene.PutTechnologyAsync("platypus", "Platypus");
        string? cursor = null;
        for (var number = 0; number < 60; number++)
        {
            cursor = await _scene.PublishAsync($"monotreme-{number}", $"Monotreme {number}", "An echidna is said here.");
        }

        Assert.Contains("technology/echidna-js", await _scene.FindNamesAsync("echidna", "&limit=100", after: cursor));
        Assert.Contains("technology/echidna-js", await _scene.FindNamesAsync("platypus or echidna.jss"));
    }

    [Theory]
    [InlineData("pa/lor")]
    [InlineData("\"pa/lor\"")]
    [InlineData("<pa>")]
    public async Task Words_ThatASlashJoins_AreFound(string words)
    {
        var cursor = await _scene.PublishAsync("joined", "Joined", "What PA/LOR is, or <pa>");

        Assert.Equal(["guide/joined"], await _scene.FindNamesAsync(words, after: cursor));
        Assert.Empty(await _scene.FindNamesAsync("pa -pa/lor"));
    }

    [Theory]
    [InlineData("potterybarry")]
    [InlineData("wren")]
    public async Task Snippet_OfAWordWhoseStemBeginsOthersOrIsNoneOfItsBeginnings_HasTheHit(string word)
    {
        var text = $"First wrentits. {string.Concat(Enumerable.Repeat("Nothing at all. ", 200))} At last {word}, at last.";
        var cursor = await _scene.PublishAsync($"far-{word}", "Far", text);

        var snippet = Assert.Single(await _scene.FindAsync(word, after: cursor)).GetProperty("snippet").GetString();

        Assert.Contains($"<mark>{word}</mark>", snippet);
    }

    [Theory]
    [InlineData("go lang")]
    [InlineData("guide 1")]
    [InlineData("a b c d")]
    [InlineData("\"guide 1\"")]
    public async Task Words_OfAFewLettersEach_AreSearchedFor(string words) => Assert.NotNull(await _scene.FindNamesAsync(words));

    [Fact]
    public async Task Order_IsByTitleAndTagsFirst_AndScoresNeverRise()
    {
        await _scene.PublishAsync("potoroo-text", "Another animal", "The potoroo, again the potoroo");
        await _scene.PublishAsync("potoroo-tag", "Some animal", "Nothing", tags: ["potoroo"]);
        var cursor = await _scene.PublishAsync("potoroo-title", "The potoroo", "Nothing");

        var found = await _scene.FindAsync("potoroo", after: cursor);

        Assert.Equal(["potoroo-title", "potoroo-tag", "potoroo-text"], found.Select(item => item.GetProperty("slug").GetString()));
        var scores = found.Select(item => item.GetProperty("score").GetDouble()).ToList();
        Assert.Equal(scores.OrderDescending(), scores);
    }

    [Fact]
    public async Task Snippet_OfTextWithTagsAndMarks_EscapesAllButItsOwnMarks()
    {
        var cursor = await _scene.PublishAsync(
            "markup",
            "Markup",
            "Beware of <script>alert('bandicoot')</script> & &lt;b&gt; of <mark>bandicoot</mark>, \u0003bandicoot\u0004"
        );

        var snippet = Assert.Single(await _scene.FindAsync("bandicoot", after: cursor)).GetProperty("snippet").GetString();

        Assert.Equal(
            "Beware of &lt;script&gt;alert(&#39;<mark>bandicoot</mark>&#39;)&lt;/script&gt; &amp; &amp;lt;b&amp;gt; of &lt;mark&gt;<mark>bandicoot</mark>&lt;/mark&gt;, "
                + "<mark>bandicoot</mark>",
            snippet
        );
    }

    [Fact]
    public async Task Snippet_OfAHitFarDownALongText_HasTheHit()
    {
        var text = string.Concat(Enumerable.Repeat("Nothing to be found here at all. ", 3_000)) + "At last the thylacine.";
        var cursor = await _scene.PublishAsync("long-text", "Long", text);

        var snippet = Assert.Single(await _scene.FindAsync("thylacine", after: cursor)).GetProperty("snippet").GetString();

        Assert.Contains("<mark>thylacine</mark>", snippet);
    }

    [Fact]
    public async Task Kinds_AsAList_NarrowWhatIsFound()
    {
        await _scene.PutTechnologyAsync("kowari", "Kowari", "A technology");
        var cursor = await _scene.PublishAsync("kowari", "Kowari", "A guide");

        Assert.Equal(["guide/kowari", "technology/kowari"], (await _scene.FindNamesAsync("kowari", after: cursor)).Order());
        Assert.Equal(["technology/kowari"], await _scene.FindNamesAsync("kowari", "&kind=career,technology"));
        Assert.Equal(["guide/kowari"], await _scene.FindNamesAsync("kowari", "&kind=guide"));
        Assert.Empty(await _scene.FindNamesAsync("kowari", "&kind=career"));
    }

    [Fact]
    public async Task Locale_FindsItsGuidesByItsOwnWordForms_AndWhatIsThereForEveryLocale()
    {
        await _scene.PutTechnologyAsync("wallaby", "Wallabies");
        await _scene.ExecuteAsync(
            """
            INSERT INTO guide(id, slug, locale, working, revision, saved_at, published, version, published_at, updated_at)
            SELECT gen_random_uuid(), 'wallaby', 'de', doc, 1, now(), doc, 1, now(), now()
            FROM (SELECT '{"title": "Die Häuser der Wallabies", "summary": "", "tags": [], "sections": []}'::jsonb AS doc) d
            """
        );

        Assert.Equal(["guide/wallaby", "technology/wallaby"], (await _scene.FindNamesAsync("wallabies", "&locale=de")).Order());
        var hit = Assert.Single(await _scene.FindAsync("haus", "&locale=de"));
        Assert.Equal("/api/v1/guides/wallaby?locale=de", hit.GetProperty("href").GetString());
        Assert.Equal(["technology/wallaby"], await _scene.FindNamesAsync("wallabies"));
        Assert.Empty(await _scene.FindNamesAsync("häuser", "&kind=guide"));
    }

    [Fact]
    public async Task Guide_Withdrawn_IsNotFoundAnyMore()
    {
        await _scene.PublishAsync("cuscus", "The cuscus", "Text");
        using var withdrawn = await service.SendAsync("DELETE", "/api/v1/guides/cuscus");

        Assert.Equal(204, (int)withdrawn.StatusCode);
        Assert.Empty(await _scene.FindNamesAsync("cuscus", after: withdrawn.Headers.GetValues("Change-Cursor").Single()));
    }

    [Fact]
    public async Task Guide_WithdrawnWhileEntriesAreLeftForLater_LosesItsEntryAtOnce()
    {
        await _scene.PublishAsync("pademelon", "The pademelon", "Text");
        await _scene.ExecuteAsync(
            """
            SET backendguide.search_later = 'on';
            DELETE FROM guide_facet WHERE slug = 'pademelon';
            UPDATE guide SET published = NULL, withdrawn_at = now() WHERE slug = 'pademelon'
            """
        );

        Assert.Empty(await _scene.FindNamesAsync("pademelon"));
        Assert.Equal(0, await _scene.CountAsync("SELECT count(*) FROM search_entry WHERE slug = 'pademelon'"));
    }

    [Fact]
    public async Task Pages_FollowedByTheirCursors_HaveEachHitOnce()
    {
        for (var i = 0; i < 7; i++)
        {
            await _scene.PublishAsync($"quoll-{i}", "Same title", "The same quoll");
        }
        List<string> seen = [];
        var path = SearchScene.Path("quoll", "&kind=guide&limit=3");
        for (string? next = path; next is not null; )
        {
            var page = await service.GetAsync(next);
            seen.AddRange(page.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("slug").GetString()!));
            next = page.GetProperty("next").GetString() is { } cursor ? $"{path}&after={cursor}" : null;
        }

        Assert.Equal(Enumerable.Range(0, 7).Reverse().Select(i => $"quoll-{i}"), seen);
    }

    [Theory]
    [InlineData("/api/v1/search?q=quoll2&limit=1&after=")]
    [InlineData("/api/v1/search?q=boodie&kind=guide&limit=1&after=")]
    [InlineData("/api/v1/search?q=boodie&locale=de&limit=1&after=")]
    public async Task Cursor_OfAnotherSearch_IsRefused(string other)
    {
        await _scene.PublishAsync("boodie-1", "Boodie one", "Text");
        var cursor = await _scene.PublishAsync("boodie-2", "Boodie two", "Text");
        Assert.Contains("guide/boodie-2", await _scene.FindNamesAsync("boodie", after: cursor));
        var next = (await service.GetAsync("/api/v1/search?q=boodie&limit=1")).GetProperty("next").GetString();

        using var answer = await service.Client.GetAsync(other + next, Token);

        await ExpectFaultsAsync(answer, "after");
    }

    [Theory]
    [InlineData("?q=%20%09")]
    [InlineData("?q=")]
    [InlineData("?q=the")]
    [InlineData("?q=%C2%A0")]
    public async Task Words_ThatSayNothing_FindNothing(string query) =>
        Assert.Equal(0, (await service.GetAsync("/api/v1/search" + query + "&kind=career")).GetProperty("items").GetArrayLength());

    [Theory]
    [InlineData("", "q")]
    [InlineData("?q=a%00b", "q")]
    [InlineData("?q=a&kind=guide,book", "kind")]
    [InlineData("?q=a&kind=", "kind")]
    [InlineData("?locale=1&limit=0&after=x&unknown=1", "after", "limit", "locale", "q", "unknown")]
    public async Task Query_WithFaults_IsRefusedNamingThemAll(string query, params string[] places)
    {
        using var answer = await service.Client.GetAsync("/api/v1/search" + query, Token);

        await ExpectFaultsAsync(answer, places);
    }

    [Theory]
    [InlineData(400, false)]
    [InlineData(401, true)]
    public async Task Words_OfMoreThan400Characters_AreRefused(int length, bool isRefused)
    {
        var words = string.Concat(Enumerable.Repeat("🦘", length)); // each of two UTF-16 units
        using var answer = await service.Client.GetAsync(SearchScene.Path(words), Token);

        Assert.Equal(isRefused ? 400 : 200, (int)answer.StatusCode);
    }

    private static async Task ExpectFaultsAsync(HttpResponseMessage answer, params string[] places)
    {
        var problem = await ProblemShape.ExpectAsync(answer, 400, "invalid-request");
        Assert.Equal(places, problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
    }
}
