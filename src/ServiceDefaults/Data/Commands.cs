using Npgsql;

namespace BackendGuide.ServiceDefaults;

/// <summary>Commands with positional parameters.</summary>
public static class Commands
{
    /// <summary>A statement within a transaction.</summary>
    /// <param name="transaction">Not over yet.</param>
    /// <param name="sql">With <c>$1</c>, <c>$2</c> and so on.</param>
    /// <param name="values">The parameters, in their order; none null.</param>
    public static NpgsqlCommand Command(this NpgsqlTransaction transaction, string sql, params ReadOnlySpan<object> values)
    {
        ArgumentNullException.ThrowIfNull(transaction);
        return With(new NpgsqlCommand(sql, transaction.Connection, transaction), values);
    }

    /// <summary>A statement by itself, on whichever connection is free.</summary>
    /// <param name="database">Where.</param>
    /// <param name="sql">With <c>$1</c>, <c>$2</c> and so on.</param>
    /// <param name="values">The parameters, in their order; none null.</param>
    public static NpgsqlCommand Command(this NpgsqlDataSource database, string sql, params ReadOnlySpan<object> values)
    {
        ArgumentNullException.ThrowIfNull(database);
        return With(database.CreateCommand(sql), values);
    }

    private static NpgsqlCommand With(NpgsqlCommand command, ReadOnlySpan<object> values)
    {
        foreach (var value in values)
        {
            command.Parameters.Add(new() { Value = value });
        }
        return command;
    }
}
