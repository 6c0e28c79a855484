using StackExchange.Redis;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>A command on its way to Redis, and then its answer on its way back.</summary>
internal sealed class RedisCommand(Func<RedisResult> command)
{
    private readonly TaskCompletionSource<RedisResult> _answered = new();
    private RedisResult? _answer;

    public Task<RedisResult> Answered => _answered.Task;

    public bool IsDone => _answer is not null;

    public void Do() => _answer = command();

    public void Answer() => _answered.SetResult(_answer!);

    public void Fail() => _answered.SetException(new RedisException("simulated"));
}
