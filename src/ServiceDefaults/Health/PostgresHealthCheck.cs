using Microsoft.Extensions.Diagnostics.HealthChecks;
using Npgsql;

namespace BackendGuide.ServiceDefaults;

/// <summary>Unhealthy when the database does not answer: then nothing can be written, and only what is cached can be read.</summary>
internal sealed class PostgresHealthCheck(NpgsqlDataSource postgres) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            // A server that accepts a connection and then says nothing holds Npgsql until its own time limit, whatever the token says.
            await AskAsync(cancellationToken).WaitAsync(cancellationToken);
            return HealthCheckResult.Healthy("answers");
        }
        catch (OperationCanceledException)
        {
            return HealthCheckResult.Unhealthy("no answer in time");
        }
        catch (PostgresException fault)
        {
            return HealthCheckResult.Unhealthy($"refuses with {fault.SqlState}", fault);
        }
        catch (NpgsqlException fault)
        {
            return HealthCheckResult.Unhealthy("cannot be reached", fault);
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            await AskOnceAsync(cancellationToken);
        }
        catch (NpgsqlException)
        {
            // Perhaps only the connection is dead, as all are that the pool kept over a restart of the server: they are of no use to anybody.
            postgres.Clear();
            await AskOnceAsync(cancellationToken);
        }
    }

    private async Task AskOnceAsync(CancellationToken cancellationToken)
    {
        await using var command = postgres.CreateCommand("SELECT 1");
        await command.ExecuteScalarAsync(cancellationToken);
    }
}
