using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Routing;
using Microsoft.Extensions.Time.Testing;

namespace BackendGuide.Gateway.Tests.Caching;

public sealed class AnswerStoreTests
{
    private const int MaxBytes = 1_000_000;

    private readonly FakeTimeProvider _time = new();
    private readonly AnswerStore _store;

    public AnswerStoreTests() => _store = new AnswerStore(MaxBytes, _time);

    [Fact]
    public void Answers_ThatTakeMoreThanAllowed_GoByWhenTheyWereAskedForLast()
    {
        for (var i = 0; i < 1_000; i++)
        {
            Keep($"/{i}", bytes: 10_000);
            _time.Advance(TimeSpan.FromSeconds(2));
            Assert.True(_store.TryGet("/0", out _)); // asked for all the time
            Assert.True(_store.Bytes <= MaxBytes);
        }

        Assert.InRange(_store.Answers, 70, 100);
        Assert.Equal(1_000 - _store.Answers, _store.Removed);
        Assert.All(Enumerable.Range(1_000 - 70, 70), i => Assert.True(_store.TryGet($"/{i}", out _)));
        Assert.False(_store.TryGet("/1", out _));
    }

    [Fact]
    public void Forms_MadeLater_CountAndTakeTheRoomOfOthers()
    {
        for (var i = 0; i < 8; i++)
        {
            Keep($"/{i}", bytes: 100_000);
            _time.Advance(TimeSpan.FromSeconds(2));
        }
        var before = _store.Bytes;
        for (var i = 7; i >= 0 && _store.Removed == 0; i--)
        {
            Assert.True(_store.TryGet($"/{i}", out var answer));
            _time.Advance(TimeSpan.FromSeconds(2));
            foreach (var coding in (ContentCoding[])[ContentCoding.Brotli, ContentCoding.Zstandard, ContentCoding.Gzip])
            {
                answer.In(coding, out var isNew);
                Assert.True(isNew);
            }
            _store.Recount($"/{i}", answer);
            _store.Recount($"/{i}", answer); // which changes nothing
            Assert.True(_store.Bytes > before || _store.Removed > 0);
            Assert.True(_store.Bytes <= MaxBytes);
        }

        Assert.True(_store.Removed > 0);
    }

    [Fact]
    public void Answers_ReplacedGrownAndRemovedByChance_AreCountedToTheByte()
    {
        var random = new Random(1);
        for (var i = 0; i < 20_000; i++)
        {
            var address = $"/{random.Next(300)}";
            switch (random.Next(4))
            {
                case 0:
                    Keep(address, random.Next(1, 20_000));
                    break;
                case 1:
                    _store.Replace(address, null, _ => random.Next(2) == 0);
                    break;
                case 2 when _store.TryGet(address, out var answer):
                    answer.In((ContentCoding)random.Next(3), out _);
                    if (random.Next(2) == 0)
                    {
                        _store.Recount(address, answer);
                    }
                    break;
                default:
                    _time.Advance(TimeSpan.FromSeconds(1));
                    break;
            }
            Assert.InRange(_store.Bytes, 0, MaxBytes);
        }
        for (var i = 0; i < 300; i++)
        {
            _store.Replace($"/{i}", null, _ => false);
        }
        Assert.Equal((0, 0), (_store.Bytes, _store.Answers));
    }

    [Fact]
    public void Answer_ThatWouldTakeTheRoomOfAllOthers_IsNotKept()
    {
        Assert.False(_store.Replace("/large", Answer("/large", MaxBytes / 2), _ => false));
        Assert.Equal((0, 0), (_store.Bytes, _store.Answers));
    }

    [Fact]
    public void Forms_OfABodyThatIsReadAnewAsItWas_AreNotMadeAgain()
    {
        Keep("/same", bytes: 10_000);
        Assert.True(_store.TryGet("/same", out var before));
        var form = before.In(ContentCoding.Brotli, out _);
        _store.Recount("/same", before);
        var bytes = _store.Bytes;

        Keep("/same", bytes: 10_000);

        Assert.True(_store.TryGet("/same", out var after));
        Assert.NotSame(before, after);
        Assert.Same(form, after.In(ContentCoding.Brotli, out var isNew));
        Assert.False(isNew);
        Assert.Equal(bytes, _store.Bytes);
        after.In(ContentCoding.Gzip, out isNew); // what was not made of it before still can be
        Assert.True(isNew);
    }

    [Theory]
    [InlineData(10_001, "\"1-a\"")]
    [InlineData(10_000, "\"2-a\"")]
    public void Forms_OfAnotherBodyOrTag_AreMadeAnew(int bytes, string eTag)
    {
        Keep("/changed", bytes: 10_000);
        Assert.True(_store.TryGet("/changed", out var before));
        before.In(ContentCoding.Brotli, out _);

        Assert.True(_store.Replace("/changed", Answer("/changed", bytes, eTag), stays: _ => false));

        Assert.True(_store.TryGet("/changed", out var after));
        var form = after.In(ContentCoding.Brotli, out var isNew);
        Assert.True(isNew);
        Assert.StartsWith(eTag[..3], form.ETag, StringComparison.Ordinal);
    }

    private void Keep(string address, int bytes) => Assert.True(_store.Replace(address, Answer(address, bytes), _ => false));

    // Random, so that it does not become much smaller by any coding.
    private static ServiceAnswer Answer(string address, int bytes, string eTag = "\"1-a\"")
    {
        var body = new byte[bytes];
        new Random(bytes).NextBytes(body);
        return new ServiceAnswer(new CachedAddress(ApiRoutes.All[0], address), 200, [], new AnswerForm(body, null, eTag), []);
    }
}
