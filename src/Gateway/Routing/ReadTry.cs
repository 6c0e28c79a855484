using Yarp.ReverseProxy.Transforms;
using Yarp.ReverseProxy.Transforms.Builder;

namespace BackendGuide.Gateway.Routing;

/// <summary>One of the tries that a request has which only reads.</summary>
/// <param name="IsLast">True where there is no other instance left to ask: then what this one answers is the answer, whatever it is.</param>
/// <param name="Patience">How long the instance may take until it begins to answer; null for what takes its time, as a stream may.</param>
internal sealed record ReadTry(bool IsLast, TimeSpan? Patience)
{
    // How long all the tries together may take until an answer begins.
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    // One that stands still does not refuse: as long as there is another to ask, nobody waits for it until the end.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(3);

    /// <summary>The try at the instance that the proxy is about to ask; null where nothing is known of it.</summary>
    public static readonly HttpRequestOptionsKey<ReadTry> Key = new(nameof(ReadTry));

    /// <param name="isLast">True where there is no other instance left to ask.</param>
    /// <param name="elapsed">What the request has taken so far.</param>
    /// <param name="isStreamed">True where the answer is a stream.</param>
    public static ReadTry Of(bool isLast, TimeSpan elapsed, bool isStreamed)
    {
        if (isStreamed)
        {
            return new ReadTry(isLast, Patience: null);
        }
        var rest = elapsed < s_limit ? s_limit - elapsed : TimeSpan.Zero;
        return new ReadTry(isLast, isLast || rest < s_patience ? rest : s_patience);
    }

    public static void Apply(TransformBuilderContext context) => context.AddRequestTransform(Tell);

    private static ValueTask Tell(RequestTransformContext transform)
    {
        if (transform.HttpContext.Features.Get<ReadTry>() is { } one)
        {
            transform.ProxyRequest.Options.Set(Key, one);
        }
        return ValueTask.CompletedTask;
    }
}
