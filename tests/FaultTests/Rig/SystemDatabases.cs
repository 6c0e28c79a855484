using BackendGuide.Testing;
using Npgsql;

namespace BackendGuide.FaultTests.Rig;

/// <summary>The databases of a started system, and which source is where.</summary>
internal sealed class SystemDatabases : IAsyncDisposable
{
    // What the other service shows of a resource, and the times, to the microsecond: a copy that is only nearly right is wrong.
    private const string CareersSql = """
        SELECT 'careers/' || slug, version, md5(concat_ws('|', state->'title', state->'summary', state->'outlook', state->'levels',
          state->'learningPath', published_at, updated_at)) FROM career
        """;

    private const string CareerCopySql = """
        SELECT 'careers/' || slug, version, md5(concat_ws('|', data->'title', data->'summary', data->'outlook', data->'levels',
          data->'learningPath', (data->>'publishedAt')::timestamptz, (data->>'updatedAt')::timestamptz)) FROM career_copy
        """;

    private const string TopicsSql = """
        SELECT 'technologies/' || slug, version, md5(name) FROM technology
        UNION ALL SELECT 'guides/' || slug, version, md5(published->>'title') FROM guide WHERE locale = 'en' AND published IS NOT NULL
        """;

    private const string TopicCopySql = """
        SELECT CASE kind WHEN 'technology' THEN 'technologies/' ELSE 'guides/' END || slug, version, md5(title) FROM topic_copy
        """;

    // Of the services alone: the server's own processes and this test's questions have transactions of their own.
    private const string OldestTransactionSql = $"""
        SELECT coalesce(extract(epoch FROM max(clock_timestamp() - xact_start)), 0)::float8 FROM pg_stat_activity
        WHERE datname IN ('content-db', 'career-db') AND backend_type = 'client backend' AND application_name <> '{ApplicationName}'
        """;

    private const string ApplicationName = "fault-tests";

    private readonly NpgsqlDataSource _content;
    private readonly NpgsqlDataSource _career;

    public SystemDatabases(IEnumerable<ListedResource> resources)
    {
        var server = resources.Single(resource => resource.Kind == "postgres").ConnectionString;
        _content = Open(server, "content-db");
        _career = Open(server, "career-db");
        Sources =
        [
            new SourceDatabases("/content", _content, _career, "topic_copy", TopicsSql, TopicCopySql),
            new SourceDatabases("/career", _career, _content, "career_copy", CareersSql, CareerCopySql),
        ];
    }

    public IReadOnlyList<SourceDatabases> Sources { get; }

    /// <summary>For how long the oldest open transaction of the services has been open, in seconds.</summary>
    public Task<double> ReadOldestTransactionAsync(CancellationToken cancellationToken) =>
        _content.ScalarAsync<double>(OldestTransactionSql, cancellationToken);

    /// <summary>True where PostgreSQL answers.</summary>
    public async Task<bool> AnswerAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _content.ScalarAsync<int>("SELECT 1", cancellationToken) == 1;
        }
        catch (NpgsqlException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _content.DisposeAsync();
        await _career.DisposeAsync();
    }

    // Not pooled: a pooled connection may be one to the server that was killed.
    private static NpgsqlDataSource Open(string? server, string database) =>
        NpgsqlDataSource.Create(
            $"{server};Database={database};Pooling=false;Application Name={ApplicationName};Timeout=5;Command Timeout=30;Timezone=UTC"
        );
}
