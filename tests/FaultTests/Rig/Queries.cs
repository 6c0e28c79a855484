using Npgsql;

namespace BackendGuide.FaultTests.Rig;

internal static class Queries
{
    public static async Task<T> ScalarAsync<T>(
        this NpgsqlDataSource database,
        string sql,
        CancellationToken cancellationToken,
        params object[] values
    ) => (await database.ListAsync(sql, row => row.GetFieldValue<T>(0), cancellationToken, values)).Single();

    public static async Task<IReadOnlyList<T>> ListAsync<T>(
        this NpgsqlDataSource database,
        string sql,
        Func<NpgsqlDataReader, T> toItem,
        CancellationToken cancellationToken,
        params object[] values
    )
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        List<T> items = [];
        while (await reader.ReadAsync(cancellationToken))
        {
            items.Add(toItem(reader));
        }
        return items;
    }
}
