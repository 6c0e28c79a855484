using BackendGuide.ServiceDefaults.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace BackendGuide.Gateway.Caching;

/// <summary>
/// Gives what is not kept in the coding that the client likes best, as what is kept is given: whole, always the same bytes for the same body, and with a
/// tag of its own. A stream passes as it comes.
/// </summary>
/// <remarks>The framework's own compression weakens tags, and begins to send before anybody can know the tag.</remarks>
internal sealed class AnswerCoding(RequestDelegate next)
{
    private static readonly Func<object, Task> s_vary = SetVary;

    public Task InvokeAsync(HttpContext context) => RunAsync(context, next);

    /// <summary>True where the answer to the request is held back to be coded: its conditions are decided on here, by the tag that it has then.</summary>
    public static bool IsFor(HttpContext context) => context.Features.Get<HeldBody>() is not null;

    /// <summary>Lets a request be answered.</summary>
    /// <param name="context">The request.</param>
    /// <param name="answer">Answers it.</param>
    public static Task RunAsync(HttpContext context, RequestDelegate answer)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            return answer(context);
        }
        context.Response.OnStarting(s_vary, context.Response);
        var coding = ContentCodings.Choose(request.Headers.AcceptEncoding);
        return coding == ContentCoding.Identity ? answer(context) : RunAsync(context, answer, coding);
    }

    private static async Task RunAsync(HttpContext context, RequestDelegate answer, ContentCoding coding)
    {
        var client = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        var held = new HeldBody(context.Response, client.Stream);
        context.Features.Set(held);
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(held, client));
        try
        {
            await answer(context);
            await context.Response.BodyWriter.FlushAsync(CancellationToken.None); // what was written there without a flush; at most to memory
        }
        finally
        {
            context.Features.Set(client);
            context.Features.Set<HeldBody>(null);
        }
        if (held.Whole is { Length: > 0 } body)
        {
            await SendAsync(context, new AnswerForm(body, null, TagOf(context.Response)).In(coding));
        }
    }

    private static Task SendAsync(HttpContext context, AnswerForm form)
    {
        var (request, response) = (context.Request, context.Response);
        var headers = response.Headers;
        if (form.ETag is { } eTag)
        {
            headers.ETag = eTag;
            if (response.StatusCode == StatusCodes.Status200OK && Conditions.IsKnown(request, eTag))
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                headers.ContentType = default;
                headers.ContentLength = null;
                return Task.CompletedTask;
            }
        }
        headers.ContentEncoding = form.Coding;
        headers.ContentLength = form.Body.Length;
        // A client that has gone is not written to, which is no error of anybody's.
        return HttpMethods.IsHead(request.Method)
            ? Task.CompletedTask
            : response.Body.WriteAsync(form.Body, CancellationToken.None).AsTask();
    }

    private static string? TagOf(HttpResponse response) => response.Headers.ETag is [{ Length: > 0 } tag] ? tag : null;

    private static Task SetVary(object state)
    {
        var response = (HttpResponse)state;
        var vary = response.Headers.Vary;
        var depends = response.StatusCode == StatusCodes.Status304NotModified || ContentCodings.AreFor(response.ContentType);
        if (depends && !vary.Any(IsNamed))
        {
            response.Headers.Vary = vary.Count == 0 ? HeaderNames.AcceptEncoding : $"{vary}, {HeaderNames.AcceptEncoding}";
        }
        return Task.CompletedTask;
    }

    private static bool IsNamed(string? vary) =>
        vary is "*" || vary?.Contains(HeaderNames.AcceptEncoding, StringComparison.OrdinalIgnoreCase) == true;
}
