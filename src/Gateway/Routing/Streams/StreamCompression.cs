using System.IO.Compression;
using BackendGuide.Gateway.Caching;
using Microsoft.Net.Http.Headers;
using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;
using ZstdSharp;

namespace BackendGuide.Gateway.Routing.Streams;

/// <summary>
/// Compresses what is streamed to whoever asks for it, as it passes: br, zstd or gzip, quickly rather than well, for each is sent once. Only what has
/// no body of its own to be answered line by line: a compressor would hold results back.
/// </summary>
internal static class StreamCompression
{
    private const int QuickZstandard = 3;
    private static readonly object s_key = new();

    public static void Apply(TransformBuilderContext context)
    {
        if (!StreamedRoutes.IsOne(context.Route) || context.Route.Match.Methods?.Contains(HttpMethods.Get) != true)
        {
            return;
        }
        context.AddRequestHeaderRemove(HeaderNames.AcceptEncoding);
        context.AddResponseTransform(transform =>
        {
            Compress(transform.HttpContext);
            return ValueTask.CompletedTask;
        });
    }

    /// <summary>
    /// Ends what was compressed, where all of it came. Of a try that failed before anything was given out nothing is left: it goes behind what tries again.
    /// </summary>
    public static void UseStreamCompression(this IReverseProxyApplicationBuilder proxy) =>
        proxy.Use(
            async (context, next) =>
            {
                await next(context);
                if (context.Items[s_key] is not Compressed compressed)
                {
                    return;
                }
                if (context.GetForwarderErrorFeature() is null)
                {
                    await compressed.Compressor.DisposeAsync();
                }
                context.Response.Body = compressed.Plain; // another try, or a problem that is told instead, is told as it is
                context.Items.Remove(s_key);
            }
        );

    private static void Compress(HttpContext context)
    {
        var response = context.Response;
        if (response.StatusCode != StatusCodes.Status200OK)
        {
            return;
        }
        response.Headers.Append(HeaderNames.Vary, HeaderNames.AcceptEncoding);
        var coding = ContentCodings.Choose(context.Request.Headers.AcceptEncoding);
        if (Wrap(coding, response.Body) is not { } compressor)
        {
            return;
        }
        response.Headers.ContentEncoding = ContentCodings.NameOf(coding);
        response.Headers.ContentLength = null;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            context.Items[s_key] = new Compressed(response.Body, compressor);
            response.Body = compressor;
        }
    }

    private static Stream? Wrap(ContentCoding coding, Stream body) =>
        coding switch
        {
            ContentCoding.Brotli => new BrotliStream(body, CompressionLevel.Fastest, leaveOpen: true),
            ContentCoding.Zstandard => new CompressionStream(body, QuickZstandard, leaveOpen: true),
            ContentCoding.Gzip => new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true),
            _ => null,
        };

    private sealed record Compressed(Stream Plain, Stream Compressor);
}
