namespace BackendGuide.ContentService.Search;

/// <summary>The one statement of a search, and the settings of its transaction.</summary>
/// <remarks>
/// A word may be in one of the guides or in all of them, and the newest of those that have it are found in two ways: by the index of the words, which
/// costs by how many have it, or by going through the guides from the newest on, which costs by how many have it not. Where a sample of the
/// newest guides has it often, that is tried first, and not for long: what is true of the newest may not be true of the rest. Conditions
/// that are no row's own are decided once, before the scan that they stop is begun.
/// </remarks>
internal static class SearchSql
{
    /// <summary>
    /// No scan of a whole table, whatever is estimated; no compilation, which costs more than the search; no notice of words that say nothing; one plan for
    /// all searches, for to make one takes longer than some searches do, and each decides what it scans while it runs.
    /// </summary>
    public const string Settings = """
        SELECT set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true), set_config('client_min_messages', 'warning', true),
          set_config('plan_cache_mode', 'force_generic_plan', true)
        """;

    // $1 the locale, $2 the kinds, $3 the words, $4 and $5 what of them is wanted and excluded, without operators; $11 the words with two letters swapped,
    // $12 a pattern of a word with a typo; $13 whether there are several words.
    private const string Candidates = """
        WITH query AS MATERIALIZED (
          SELECT websearch_to_tsquery(search_config($1), $3) AS guides, websearch_to_tsquery(search_config($1), $5) AS no_guides,
            websearch_to_tsquery(search_config(''), $3) AS things, websearch_to_tsquery(search_config(''), $5) AS no_things,
            websearch_to_tsquery(search_config($1), $11) AS swapped_guides, websearch_to_tsquery(search_config(''), $11) AS swapped_things,
            strpos(websearch_to_tsquery(search_config($1), $3)::text, '!') > 0 AS excludes, 'guide' = ANY($2) AS wants_guides),
        sample AS MATERIALIZED (
          SELECT count(*) FILTER (WHERE head @@ (SELECT guides FROM query)) AS heads,
            count(*) FILTER (WHERE words @@ (SELECT guides FROM query)) AS words
          FROM (SELECT head, words FROM search_entry
            WHERE (SELECT wants_guides FROM query) AND locale = $1 ORDER BY changed_at DESC, id DESC LIMIT 100) newest),
        things AS MATERIALIZED (
          SELECT id, changed_at, head @@ (SELECT things FROM query) AS is_head FROM search_entry
          WHERE locale = '' AND kind = ANY($2) AND words @@ (SELECT things FROM query)
          ORDER BY is_head DESC, changed_at DESC, id DESC LIMIT 1000),
        newest_heads AS MATERIALIZED (
          SELECT id, changed_at
          FROM (SELECT id, changed_at, head, words FROM search_entry WHERE locale = $1 ORDER BY changed_at DESC, id DESC LIMIT 5000) newest
          WHERE (SELECT heads >= 20 FROM sample) AND head @@ (SELECT guides FROM query)
            AND ((SELECT NOT excludes FROM query) OR words @@ (SELECT guides FROM query)) LIMIT 1000),
        indexed_heads AS MATERIALIZED (
          SELECT id, locale, changed_at FROM search_entry
          WHERE (SELECT wants_guides AND (SELECT count(*) < 1000 FROM newest_heads) FROM query)
            AND locale <> '' AND head @@ (SELECT guides FROM query)),
        heads AS MATERIALIZED (
          SELECT id, changed_at FROM newest_heads
          UNION (SELECT id, changed_at FROM indexed_heads
            WHERE (SELECT NOT excludes FROM query) AND locale = $1 ORDER BY changed_at DESC, id DESC LIMIT 1000)
          -- What is excluded may be anywhere in the text, which is read of as many as it takes, from the newest on.
          UNION (SELECT id, changed_at FROM (SELECT id, changed_at FROM indexed_heads
              WHERE (SELECT excludes FROM query) AND locale = $1 ORDER BY changed_at DESC, id DESC) newest
            WHERE (SELECT e.words @@ (SELECT guides FROM query) FROM search_entry e WHERE e.id = newest.id)
            ORDER BY changed_at DESC, id DESC LIMIT 1000)
          UNION SELECT id, changed_at FROM things WHERE is_head),
        -- setweight() of no word makes a copy in memory: the words of a text are read once for both what they have and what rank that gives.
        newest_words AS MATERIALIZED (
          SELECT id, changed_at, ts_rank(words, (SELECT guides FROM query), 32) AS rank
          FROM (SELECT id, changed_at, setweight(words, 'D', '{}') AS words FROM search_entry WHERE locale = $1 ORDER BY changed_at DESC, id DESC
            LIMIT (SELECT 130000 / greatest(words, 20) FROM sample)) newest
          WHERE (SELECT words >= 20 AND (SELECT count(*) < 1000 FROM heads) FROM sample) AND words @@ (SELECT guides FROM query) LIMIT 1000),
        indexed_words AS MATERIALIZED (
          SELECT id, locale, changed_at FROM search_entry
          WHERE (SELECT wants_guides AND (SELECT count(*) < 1000 FROM heads) AND (SELECT count(*) < 1000 FROM newest_words) FROM query)
            AND locale <> '' AND words @@ (SELECT guides FROM query)),
        bodies AS MATERIALIZED (
          SELECT id, changed_at, rank FROM newest_words WHERE (SELECT count(*) >= 1000 FROM newest_words) -- else all are among the others
          UNION ALL (SELECT id, changed_at, NULL FROM indexed_words WHERE locale = $1 ORDER BY changed_at DESC, id DESC LIMIT 1000)
          UNION ALL SELECT id, changed_at, NULL FROM things WHERE NOT is_head),
        -- Names are compared with what was typed whatever else has it: of Express.js the parser makes one word, that is no word of its own in any text.
        alike_things AS MATERIALIZED (
          SELECT id, changed_at, word_similarity($4, title) AS likeness FROM search_entry
          WHERE $4 ~ '[^[:digit:][:punct:][:space:]]'
            AND (SELECT set_config('pg_trgm.word_similarity_threshold',
              CASE WHEN $12 <> '' AND (SELECT count(*) FROM heads) + (SELECT count(*) FROM bodies) = 0 THEN '0.3' ELSE '0.4' END, true)) <> ''
            AND $4 <% title AND locale = '' AND kind = ANY($2)
            AND ($12 IS NULL OR word_similarity($4, title) >= 0.4 OR title ~* $12)
            AND ($5 = '' OR NOT words @@ (SELECT no_things FROM query))
          ORDER BY likeness DESC, changed_at DESC, id DESC LIMIT 100),
        -- Of guides: where the words are in many titles or texts, they are no typo, nor are several words that one title has; and a number that is a little
        -- like another is another. With 0.4 a wrong letter is forgiven in words of six, with 0.3 in words of five, and two swapped ones in words of seven: where
        -- nothing was found as it was typed that is looked through, for what the pattern tells from what is only a little alike. It may be all titles.
        alike_guides AS MATERIALIZED (
          SELECT id, changed_at, likeness
          FROM (SELECT id, changed_at, title, word_similarity($4, title) AS likeness FROM search_entry
            WHERE $4 ~ '[^[:digit:][:punct:][:space:]]' AND (SELECT wants_guides FROM query)
              AND (SELECT count(*) < CASE WHEN $13 THEN 1 ELSE 20 END FROM heads) AND (SELECT count(*) < 50 FROM bodies)
              AND (SELECT set_config('pg_trgm.word_similarity_threshold',
                CASE WHEN $12 <> '' AND (SELECT count(*) FROM heads) + (SELECT count(*) FROM bodies) = 0 THEN '0.3' ELSE '0.4' END, true)) <> ''
              AND $4 <% title AND locale = $1
              AND ($5 = '' OR NOT words @@ (SELECT no_guides FROM query)) OFFSET 0) likely
          WHERE $12 IS NULL OR likeness >= 0.4 OR title ~* $12
          LIMIT 1000),
        -- Two letters that were swapped leave three or four of a short word's trigrams alone: too few to go by. A title that is the word alone
        -- is more alike than one that has others. Where the words themselves are found, they are no typo.
        swapped AS MATERIALIZED (
          SELECT id, changed_at, 0.6 + 0.3 * least(1, length($4)::float8 / greatest(1, length(title))) AS likeness FROM (
            SELECT id, changed_at, title FROM search_entry
            WHERE $11 <> '' AND (SELECT wants_guides AND (SELECT count(*) FROM heads) + (SELECT count(*) FROM bodies) = 0 FROM query)
              AND locale <> '' AND head @@ (SELECT swapped_guides FROM query) AND locale = $1
              AND ($5 = '' OR NOT words @@ (SELECT no_guides FROM query)) LIMIT 1000) guides
          UNION ALL SELECT id, changed_at, 0.6 + 0.3 * least(1, length($4)::float8 / greatest(1, length(title))) FROM (
            SELECT id, changed_at, title FROM search_entry
            WHERE $11 <> '' AND (SELECT count(*) FROM heads) + (SELECT count(*) FROM bodies) = 0
              AND locale = '' AND kind = ANY($2) AND words @@ (SELECT swapped_things FROM query) AND head @@ (SELECT swapped_things FROM query)
              AND ($5 = '' OR NOT words @@ (SELECT no_things FROM query)) LIMIT 1000) things),
        candidates AS MATERIALIZED (
          SELECT id, bool_or(is_head) AS is_head, bool_or(is_body) AS is_body, max(likeness) AS likeness, max(rank) AS rank
          FROM (SELECT id, changed_at, 1 AS place, true AS is_head, false AS is_body, 0 AS likeness, NULL::real AS rank FROM heads
            UNION ALL SELECT id, changed_at, 2, false, false, likeness, NULL FROM alike_things
            UNION ALL SELECT id, changed_at, 3, false, true, 0, rank FROM bodies
            UNION ALL SELECT id, changed_at, 4, false, false, likeness, NULL FROM alike_guides
            UNION ALL SELECT id, changed_at, 4, false, false, likeness, NULL FROM swapped) found
          GROUP BY id, changed_at ORDER BY min(place), max(likeness) DESC, changed_at DESC, id DESC LIMIT 1000),
        """;

    // $6 to $8 the last item that was given out, $9 how many are wanted. A title that is what was typed comes before those that only have it.
    // A headline of a long text is made of a piece of it, from before the first of the words, or of what begins as they do. What has none of them there may
    // have them in its name or its tags, which come first then, or elsewhere: in another form, or behind what only begins so.
    private const string Page = """
        ranked AS (
          SELECT e.id, e.changed_at, round(1e6::float8 * (CASE
              WHEN c.is_head THEN 1 + ts_rank(e.head, q.tsquery, 32)
              WHEN c.is_body THEN greatest(c.likeness, coalesce(c.rank, ts_rank(e.words, q.tsquery, 32)))
              ELSE c.likeness END
            + CASE WHEN lower(e.title) = lower($4) THEN 1 ELSE 0 END)) / 1e6::float8 AS score
          FROM candidates c JOIN search_entry e USING (id)
            CROSS JOIN LATERAL (SELECT CASE e.locale WHEN '' THEN things ELSE guides END AS tsquery FROM query) q),
        page AS MATERIALIZED (
          SELECT * FROM ranked WHERE $6::float8 IS NULL OR (score, changed_at, id) < ($6, $7::timestamptz, $8::bigint)
          ORDER BY score DESC, changed_at DESC, id DESC LIMIT $9)
        SELECT e.kind, e.slug, e.title, p.score, p.changed_at, p.id,
          CASE WHEN strpos(named.headline, E'\x03') > 0 OR said.headline = '' THEN concat_ws(' … ', named.headline, nullif(said.headline, ''))
            ELSE coalesce(far.headline, said.headline) END
        FROM page p JOIN search_entry e USING (id)
          CROSS JOIN LATERAL (SELECT CASE e.locale WHEN '' THEN things ELSE guides END AS tsquery FROM query) q
          CROSS JOIN LATERAL (SELECT concat_ws(E'\n', nullif(e.summary, ''), nullif(e.body, '')) AS text OFFSET 0) whole
          CROSS JOIN LATERAL (SELECT lower(whole.text) AS text OFFSET 0) lowered
          CROSS JOIN LATERAL (SELECT replace(replace(replace(
            CASE WHEN length(whole.text) <= 500 THEN whole.text ELSE substr(whole.text, greatest(1,
              (SELECT coalesce(min(nullif(strpos(lowered.text, ' ' || stem), 0)), min(nullif(strpos(lowered.text, stem), 0)))
               FROM regexp_matches(q.tsquery::text, '(?<!!)''([^'']+)''', 'g') word
                 CROSS JOIN LATERAL (SELECT CASE WHEN length(word[1]) > 3 THEN regexp_replace(word[1], 'i$', '') ELSE word[1] END AS stem) s) - 100), 500) END,
            '<', E'\x01'), '>', E'\x02'), '/', E'\x05') AS text OFFSET 0) piece
          CROSS JOIN LATERAL (SELECT ts_headline(search_config(e.locale), piece.text, q.tsquery, $10) AS headline OFFSET 0) said
          CROSS JOIN LATERAL (SELECT CASE WHEN strpos(said.headline, E'\x03') = 0 THEN ts_headline(search_config(e.locale),
            translate(concat_ws(' · ', e.title, nullif(array_to_string(e.tags, ' · '), '')), E'<>/\x01\x02\x03\x04\x05', E'\x01\x02\x05'), q.tsquery, $10) END AS headline
            OFFSET 0) named
          CROSS JOIN LATERAL (SELECT CASE WHEN strpos(said.headline, E'\x03') = 0 AND strpos(named.headline, E'\x03') = 0
              AND length(whole.text) > 500 AND e.words @@ q.tsquery
            THEN ts_headline(search_config(e.locale), replace(replace(replace(left(whole.text, 50000), '<', E'\x01'), '>', E'\x02'), '/', E'\x05'),
              q.tsquery, $10) END AS headline OFFSET 0) far
        ORDER BY p.score DESC, p.changed_at DESC, p.id DESC
        """;

    public const string Search = Candidates + "\n" + Page;

    public const string Headline =
        "MaxFragments=2, MinWords=10, MaxWords=30, FragmentDelimiter=\" … \", StartSel=\"\u0003\", StopSel=\"\u0004\"";
}
