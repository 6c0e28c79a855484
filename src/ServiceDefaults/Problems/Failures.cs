using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Npgsql;

namespace BackendGuide.ServiceDefaults;

/// <summary>Which status an exception means. The answer never says more than that: details go to the log, under the trace id.</summary>
internal static class Failures
{
    public static void Configure(ExceptionHandlerOptions options)
    {
        options.StatusCodeSelector = StatusOf;
        options.ExceptionHandler = context => Problems.OfStatus(context.Response.StatusCode).ExecuteAsync(context);
        // What the client did wrong is not an error of ours.
        options.SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException;
    }

    public static int StatusOf(Exception exception) =>
        exception switch
        {
            BadHttpRequestException bad => bad.StatusCode,
            // PostgreSQL away, shutting down, out of connections or out of disk: later it may work.
            NpgsqlException { IsTransient: true } => StatusCodes.Status503ServiceUnavailable,
            _ => StatusCodes.Status500InternalServerError,
        };
}
