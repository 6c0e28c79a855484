using System.Diagnostics;
using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;
using Microsoft.AspNetCore.Http.Metadata;

namespace BackendGuide.Gateway.Telemetry;

/// <summary>
/// The span of a request, by OpenTelemetry's conventions for HTTP servers, and the scope of what is logged meanwhile. The host's own would begin
/// before anybody can say whether it is worth one: an answer that is kept is not, unless its caller's trace asks for it.
/// </summary>
internal sealed partial class RequestTracing(RequestDelegate next, ILogger<RequestTracing> logger)
{
    public const string SourceName = "BackendGuide.Gateway";

    private const string Other = "_OTHER";
    private const int ClientClosed = 499;

    private static readonly ActivitySource s_source = new(SourceName);
    private static readonly HashSet<string> s_methods = ["CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"];
    private static readonly Func<ILogger, string, PathString, IDisposable?> s_scope = LoggerMessage.DefineScope<string, PathString>(
        "RequestId:{RequestId} RequestPath:{RequestPath}"
    );

    public async Task InvokeAsync(HttpContext context)
    {
        using var span = Start(context.Request);
        // A question by nobody in particular whose trace nobody will see logs nothing, unless it fails.
        using var scope = span.IsAllDataRequested || !SharedRequest.IsOne(context.Request) ? Describe(context) : null;
        try
        {
            await next(context);
        }
        catch (Exception e)
        {
            span.SetTag("error.type", e.GetType().FullName);
            Complete(span, context, StatusCodes.Status500InternalServerError);
            using var described = scope is null ? Describe(context) : null;
            Failed(e);
            throw; // the server ends what was begun
        }
        Complete(span, context, context.Response.StatusCode);
    }

    private IDisposable? Describe(HttpContext context) => s_scope(logger, context.TraceIdentifier, context.Request.Path);

    private static Activity Start(HttpRequest request)
    {
        var propagator = DistributedContextPropagator.Current;
        propagator.ExtractTraceIdAndState(request.Headers, Read, out var parent, out var state);
        ActivityContext.TryParse(parent, state, isRemote: true, out var caller);
        // By this name the sampler tells a write from a read. What is shown is said when the route is known.
        var method = ApiRoutes.IsQuestion(request.Method, request.Path.Value ?? "") ? HttpMethods.Get : request.Method;
        var span = TracedRequests.IsWorthTracing(request.Path) ? s_source.StartActivity(method, ActivityKind.Server, caller) : null;
        span ??= StartUnseen(method, caller);
        foreach (var (name, value) in propagator.ExtractBaggage(request.Headers, Read) ?? [])
        {
            span.AddBaggage(name, value);
        }
        return span;
    }

    // What nobody wants to see has an id all the same: a problem names it.
    private static Activity StartUnseen(string name, ActivityContext caller)
    {
        var span = new Activity(name) { IsAllDataRequested = false };
        if (caller != default)
        {
            span.SetParentId(caller.TraceId, caller.SpanId, caller.TraceFlags);
        }
        return span.Start();
    }

    private static void Complete(Activity span, HttpContext context, int answered)
    {
        if (!span.IsAllDataRequested)
        {
            return;
        }
        var status = context.RequestAborted.IsCancellationRequested ? ClientClosed : answered;
        var request = context.Request;
        var method = s_methods.Contains(request.Method) ? request.Method : Other;
        span.SetTag("http.request.method", method);
        if (method == Other)
        {
            span.SetTag("http.request.method_original", request.Method);
        }
        span.SetTag("url.scheme", request.Scheme);
        span.SetTag("url.path", request.Path.Value);
        if (request.Query.Count > 0)
        {
            // What somebody looks for is nobody else's affair.
            span.SetTag("url.query", string.Join('&', request.Query.Select(parameter => $"{parameter.Key}=Redacted")));
        }
        span.SetTag("server.address", request.Host.Host);
        span.SetTag("server.port", request.Host.Port);
        span.SetTag("network.protocol.version", request.Protocol.Replace("HTTP/", "", StringComparison.Ordinal));
        span.SetTag("user_agent.original", request.Headers.UserAgent is [var agent, ..] ? agent : null);
        span.SetTag("http.response.status_code", status);
        span.DisplayName = method == Other ? "HTTP" : method;
        if (context.GetEndpoint() is { } endpoint && RouteOf(endpoint) is { } route)
        {
            span.SetTag("http.route", route);
            span.DisplayName += $" {route}";
        }
        if (status >= StatusCodes.Status500InternalServerError)
        {
            span.SetTag("error.type", span.GetTagItem("error.type") ?? status.ToString(null, null));
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    private static string? RouteOf(Endpoint endpoint) =>
        endpoint.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route ?? (endpoint as RouteEndpoint)?.RoutePattern.RawText;

    private static void Read(object? carrier, string name, out string? value, out IEnumerable<string>? values)
    {
        values = null;
        value = carrier is IHeaderDictionary headers && headers.TryGetValue(name, out var found) ? found.ToString() : null;
    }

    [LoggerMessage(1, LogLevel.Error, "A request failed")]
    private partial void Failed(Exception exception);
}
