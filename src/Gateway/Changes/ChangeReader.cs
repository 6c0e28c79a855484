using BackendGuide.Eventing.Following;

namespace BackendGuide.Gateway.Changes;

/// <summary>The cursor is of another history of a source, or from before what that keeps.</summary>
internal sealed class CursorGoneException(string service) : Exception($"Changes of {service} from there on are no longer kept.");

/// <summary>
/// Reads the changes of all sources as one sequence, from a cursor on: in each source's order, and between sources by their time, as far as is
/// known. Where it is in each source, is the cursor; a source that is away stays where it was.
/// </summary>
internal sealed class ChangeReader(IReadOnlyList<SourceFeed> feeds, ChangeCursor from)
{
    private readonly SourceReader[] _sources = [.. feeds.Select(feed => new SourceReader(feed, from.Of(feed.Source)))];

    /// <summary>Where the reader is: everything before it has been given out.</summary>
    public ChangeCursor Cursor { get; private set; } = from;

    /// <summary>The services that did not answer when they were asked last.</summary>
    public IEnumerable<string> Away => _sources.Where(source => source.IsAway).Select(source => source.Feed.Service);

    /// <summary>Takes note of what there is: all that was committed before this call can be read after it.</summary>
    /// <exception cref="CursorGoneException">It cannot be gone on from where the reader is.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await Task.WhenAll(_sources.Select(source => source.RefreshAsync(cancellationToken)));
        Begin();
    }

    /// <summary>True where each source that the cursor names answered, and is that far.</summary>
    public bool Has(ChangeCursor cursor) => _sources.All(source => cursor.Of(source.Feed.Source) is not { } wanted || source.Has(wanted));

    /// <summary>Takes note of what the gateway knows already, which costs no question.</summary>
    /// <returns>Completes when there is something else to know.</returns>
    /// <exception cref="CursorGoneException">It cannot be gone on from where the reader is.</exception>
    public Task Look()
    {
        var changes = _sources.Select(source => source.Look()).ToArray();
        Begin();
        return Task.WhenAny(changes);
    }

    /// <summary>The next change, or null where there is none at the moment.</summary>
    /// <exception cref="CursorGoneException">It cannot be gone on from where the reader is.</exception>
    public async ValueTask<FeedEvent?> NextAsync(CancellationToken cancellationToken)
    {
        SourceReader? first = null;
        foreach (var source in _sources)
        {
            if (await source.PeekAsync(cancellationToken) is { } next && (first is null || next.Time < first.Peeked.Time))
            {
                first = source;
            }
        }
        if (first is null)
        {
            return null;
        }
        var change = first.Take();
        Cursor = Cursor.With(first.Feed.Source, first.Position);
        return change;
    }

    // A source that the cursor does not name is read from its beginning, and named from now on.
    private void Begin()
    {
        foreach (var source in _sources.Where(source => source.IsBegun && Cursor.Of(source.Feed.Source) is null))
        {
            Cursor = Cursor.With(source.Feed.Source, source.Position);
        }
    }

    private sealed class SourceReader(SourceFeed feed, FeedPosition? from)
    {
        private FeedPosition? _from = from;
        private FeedView? _view;
        private ReadOnlyMemory<FeedEvent> _read;

        public SourceFeed Feed => feed;

        public bool IsAway { get; private set; }

        public bool IsBegun => _from is not null && _view is not null;

        public FeedPosition Position => _from!.Value;

        public FeedEvent Peeked => _read.Span[0];

        public async Task RefreshAsync(CancellationToken cancellationToken)
        {
            try
            {
                Begin(await feed.RefreshAsync(cancellationToken), isFresh: true);
                IsAway = false;
            }
            catch (SourceAwayException)
            {
                IsAway = true;
            }
        }

        public bool Has(FeedPosition wanted) => !IsAway && _view is { } view && view.Epoch == wanted.Epoch && view.Head >= wanted.Position;

        public Task Look()
        {
            var (view, changed) = feed.Look();
            if (view is not null)
            {
                Begin(view, isFresh: false);
            }
            return changed;
        }

        public async ValueTask<FeedEvent?> PeekAsync(CancellationToken cancellationToken)
        {
            if (_view is null || IsAway)
            {
                return null;
            }
            if (_read.IsEmpty)
            {
                try
                {
                    _read = await feed.ReadAsync(_view, Position.Position, cancellationToken);
                }
                catch (SourceAwayException)
                {
                    IsAway = true;
                    return null;
                }
                if (_read.IsEmpty ? Position.Position < _view.Head : Peeked.Position != Position.Position + 1)
                {
                    throw new CursorGoneException(feed.Service); // cut off, or of another history, since the view was taken
                }
            }
            return _read.IsEmpty ? null : Peeked;
        }

        public FeedEvent Take()
        {
            var change = Peeked;
            _read = _read[1..];
            _from = Position with { Position = change.Position };
            return change;
        }

        private void Begin(FeedView view, bool isFresh)
        {
            _from ??= new FeedPosition(view.Epoch, view.Floor);
            if (Position.Epoch != view.Epoch || Position.Position < view.Floor || (isFresh && Position.Position > view.Head))
            {
                throw new CursorGoneException(feed.Service);
            }
            if (Position.Position > view.Head)
            {
                return; // given out by another gateway, which has seen more than this one so far
            }
            _view = view;
            IsAway = false;
        }
    }
}
