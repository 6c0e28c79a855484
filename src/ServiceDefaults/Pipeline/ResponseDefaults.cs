using Microsoft.AspNetCore.Http;

namespace BackendGuide.ServiceDefaults;

/// <summary>Headers that every answer has, also one that an exception handler began anew: set when the answer starts.</summary>
internal sealed class ResponseDefaults(RequestDelegate next)
{
    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(Complete, context.Response);
        return next(context);
    }

    private static Task Complete(object state)
    {
        var response = (HttpResponse)state;
        response.Headers.XContentTypeOptions = "nosniff";
        if (
            response.StatusCode is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable
            && response.Headers.RetryAfter.Count == 0
        )
        {
            Problems.SetRetryAfter(response);
        }
        return Task.CompletedTask;
    }
}
