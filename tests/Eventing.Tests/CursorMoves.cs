using Npgsql;

namespace BackendGuide.Eventing.Tests;

/// <summary>Writes down each move of a relay's cursor in its database, also one that is tried and changes nothing.</summary>
internal static class CursorMoves
{
    // A trigger of the statement, not of the row: it fires for no row too.
    private const string Sql = """
        CREATE TABLE cursor_move(refused bool NOT NULL, backwards bool NOT NULL);
        CREATE FUNCTION note_cursor_move() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
          INSERT INTO cursor_move
            SELECT NOT EXISTS (SELECT FROM after), EXISTS (SELECT FROM before JOIN after USING (name) WHERE after.pos < before.pos);
          RETURN NULL;
        END $$;
        CREATE TRIGGER cursor_moved AFTER UPDATE ON relay_cursor REFERENCING OLD TABLE AS before NEW TABLE AS after
          FOR EACH STATEMENT EXECUTE FUNCTION note_cursor_move();
        """;

    public static async Task WatchAsync(NpgsqlDataSource database, CancellationToken cancellationToken)
    {
        await using var watch = database.CreateCommand(Sql);
        await watch.ExecuteNonQueryAsync(cancellationToken);
    }
}
