using BackendGuide.Eventing.Evicting;
using BackendGuide.Eventing.Following;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults.Http;
using Microsoft.Extensions.Primitives;

namespace BackendGuide.Gateway.Caching;

/// <summary>What a service answered: all that every client gets to see of it, ready to be sent, in each coding that was asked for so far.</summary>
/// <param name="address">What was asked for.</param>
/// <param name="status">The status code.</param>
/// <param name="headers">The headers that pass, but those of the body: its type, length, coding and tag.</param>
/// <param name="identity">The body as it came.</param>
/// <param name="tags">What it was made of.</param>
internal sealed class ServiceAnswer(
    CachedAddress address,
    int status,
    KeyValuePair<string, StringValues>[] headers,
    AnswerForm identity,
    IReadOnlyList<string> tags
)
{
    private const int BytesBesides = 1_024;

    private readonly AnswerForm _identity = identity;
    private AnswerForm?[]? _forms; // most answers are asked for in no coding, or are not kept
    private int _sizeWithoutForms;
    private int _sizeOfForms;
    private long _currentAt = -1;
    private long _keptAt;
    private long _usedAt;

    public CachedAddress Address { get; } = address;

    public ApiRoute Route => Address.Route;

    public int Status { get; } = status;

    public ReadOnlySpan<KeyValuePair<string, StringValues>> Headers => headers;

    public IReadOnlyList<string> Tags { get; } = tags;

    /// <summary>The media type of the body.</summary>
    public string? ContentType { get; init; }

    /// <summary>True for what may be kept: an answer, or that there is none, of which the service says how long it is true.</summary>
    public bool MayBeKept { get; init; }

    /// <summary>Where the service was when it was read; null where it does not say.</summary>
    public ChangeCursor? Since { get; init; }

    /// <summary>Up to where it may show something of what the service had.</summary>
    public ChangeCursor Seen { get; init; } = ChangeCursor.Start;

    /// <summary>Up to where it is known to have stayed true.</summary>
    public ChangeCursor Holds { get; init; } = ChangeCursor.Start;

    /// <summary>The cursor that it was asked for with <c>After-Change</c>, and by being an answer has all of.</summary>
    public ChangeCursor Confirmed { get; init; } = ChangeCursor.Start;

    /// <summary>What a 404 says in <c>detail</c>: the rest of it is each request's own.</summary>
    public string? Detail { get; init; }

    /// <summary>When the service read it, as a timestamp.</summary>
    public long ReadAt { get; init; }

    /// <summary>By how much it is too old before others are that were read at the same time: so they are not all asked for again at once.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>When it was last asked for, as a timestamp.</summary>
    public long UsedAt => Volatile.Read(ref _usedAt);

    /// <summary>True where it was asked for since it is kept, by somebody else than whoever it was read for.</summary>
    public bool IsAskedForAgain => UsedAt > Volatile.Read(ref _keptAt);

    /// <summary>What it takes, in bytes.</summary>
    public int Size => (_sizeWithoutForms == 0 ? _sizeWithoutForms = Count() : _sizeWithoutForms) + Volatile.Read(ref _sizeOfForms);

    /// <summary>What of that the store has counted; the store's own.</summary>
    public long Counted { get; set; }

    /// <summary>True where nothing that it was made of is known to have changed since it was read.</summary>
    public bool IsCurrent(EvictionLedger ledger)
    {
        var moment = ledger.Moment; // before the judgement: what happens meanwhile makes it one of before
        if (Volatile.Read(ref _currentAt) == moment)
        {
            return true;
        }
        if (Since is null || !ledger.IsCurrent(Route.Service, Since, Holds, Tags))
        {
            return false;
        }
        if (EvictionLedger.IsStill(moment))
        {
            Volatile.Write(ref _currentAt, moment);
        }
        return true;
    }

    /// <summary>Takes note that it is kept from now on.</summary>
    /// <param name="now">The time, as a timestamp.</param>
    /// <param name="usedAt">When its address was last asked for: before it was read, where nobody waited for it.</param>
    public void Begin(long now, long usedAt)
    {
        Volatile.Write(ref _keptAt, now);
        Volatile.Write(ref _usedAt, usedAt);
    }

    /// <summary>From now on it is not taken for asked for again: to read it anew comes to nothing.</summary>
    public void PassOver() => Volatile.Write(ref _keptAt, long.MaxValue);

    /// <summary>Takes note that it was asked for.</summary>
    public void Use(long now, long precision)
    {
        // Readers of one answer on many cores would else write to one place all the time.
        if (now - Volatile.Read(ref _usedAt) > precision)
        {
            Volatile.Write(ref _usedAt, now);
        }
    }

    /// <summary>The body in a coding; made when it is asked for first.</summary>
    /// <param name="coding">The coding.</param>
    /// <param name="isNew">True where it was made now, and the answer has grown by it.</param>
    public AnswerForm In(ContentCoding coding, out bool isNew)
    {
        isNew = false;
        if (coding == ContentCoding.Identity || _identity.Body.IsEmpty)
        {
            return _identity;
        }
        var forms = Volatile.Read(ref _forms) ?? MakeForms();
        if (Volatile.Read(ref forms[(int)coding]) is { } ready)
        {
            return ready;
        }
        lock (forms)
        {
            if (forms[(int)coding] is { } made)
            {
                return made;
            }
            var form = _identity.In(coding);
            Volatile.Write(ref forms[(int)coding], form);
            Volatile.Write(ref _sizeOfForms, _sizeOfForms + form.Body.Length);
            isNew = true;
            return form;
        }
    }

    /// <summary>True where whoever has got the one has got nothing that the other is older than: the same body with the same tag.</summary>
    public bool ShowsTheSameAs(ServiceAnswer other) =>
        other.Status == Status && other._identity.ETag == _identity.ETag && other._identity.Body.Span.SequenceEqual(_identity.Body.Span);

    /// <summary>
    /// Takes over the forms that were made of an answer with the same body and the same tag: what is read anew each minute has most often not changed,
    /// and to make a form anew takes a hundred times as long as to send it. Before anybody else has this one.
    /// </summary>
    public void TakeForms(ServiceAnswer before)
    {
        if (Volatile.Read(ref before._forms) is not { } made || !ShowsTheSameAs(before))
        {
            return;
        }
        lock (made)
        {
            (_forms, _sizeOfForms) = ([.. made], before._sizeOfForms);
        }
    }

    private AnswerForm?[] MakeForms()
    {
        var made = new AnswerForm?[(int)ContentCoding.Identity];
        return Interlocked.CompareExchange(ref _forms, made, null) ?? made;
    }

    private int Count() =>
        _identity.Body.Length
        + BytesBesides
        + Tags.Sum(tag => tag.Length * sizeof(char))
        + headers.Sum(header => (header.Key.Length + header.Value.ToString().Length) * sizeof(char));
}

/// <summary>A body as it is sent.</summary>
/// <param name="Body">Its bytes.</param>
/// <param name="Coding">The value of <c>Content-Encoding</c>; null for the identity.</param>
/// <param name="ETag">Its own tag, for these bytes; null where the service gave none.</param>
internal sealed record AnswerForm(ReadOnlyMemory<byte> Body, string? Coding, string? ETag)
{
    public AnswerForm In(ContentCoding coding)
    {
        var encoded = ContentCodings.Encode(coding, Body);
        var eTag = ETag is null ? null : Representation.CreateETag(VersionOf(ETag), encoded.Span);
        return new AnswerForm(encoded, ContentCodings.NameOf(coding), eTag);
    }

    // "<version>-<hash>"
    private static string VersionOf(string eTag) => eTag.Trim('"').Split('-')[0];
}
