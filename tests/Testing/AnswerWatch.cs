namespace BackendGuide.Testing;

/// <summary>
/// Answers that several instances of one service keep, and which of them a change makes anew: those that it touches, and no other, at each
/// instance.
/// </summary>
public sealed class AnswerWatch
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private readonly Dictionary<(int Instance, string Path), SeenAnswer> _seen = [];
    private readonly IReadOnlyList<HttpClient> _instances;
    private readonly IReadOnlyList<string> _paths;
    private readonly CancellationToken _cancellationToken;

    private AnswerWatch(IReadOnlyList<HttpClient> instances, IReadOnlyList<string> paths, CancellationToken cancellationToken) =>
        (_instances, _paths, _cancellationToken) = (instances, paths, cancellationToken);

    /// <summary>Has each instance keep each answer.</summary>
    /// <returns>When every instance has heard of all that happened until now, so that nothing of it evicts what is watched.</returns>
    public static async Task<AnswerWatch> FillAsync(
        IReadOnlyList<HttpClient> instances,
        CancellationToken cancellationToken,
        params IReadOnlyList<string> paths
    )
    {
        ArgumentNullException.ThrowIfNull(instances);
        ArgumentNullException.ThrowIfNull(paths);
        var watch = new AnswerWatch(instances, paths, cancellationToken);
        await watch.LookAsync(await watch.WhereItIsAsync());
        return watch;
    }

    /// <summary>
    /// Waits until each instance has heard of a change. Then each answer that it touches was read anew and says what is expected, and each
    /// other one is still the same reading.
    /// </summary>
    /// <param name="source">Whose change it is: <c>content</c>.</param>
    /// <param name="position">Where it is in that source's feed.</param>
    /// <param name="touched">By path, what has to be in the answer now; what begins with <c>!</c> must not.</param>
    public async Task ExpectAsync(string source, long position, params IReadOnlyList<(string Path, string Text)> touched)
    {
        ArgumentNullException.ThrowIfNull(touched);
        Require(!touched.Select(one => one.Path).Except(_paths).Any(), "what is touched is not watched");
        var before = new Dictionary<(int, string), SeenAnswer>(_seen);
        await LookAsync(new Dictionary<string, long> { [source] = position });
        foreach (var (place, now) in _seen)
        {
            var texts = touched.Where(one => one.Path == place.Path).Select(one => one.Text).ToList();
            if (texts.Count == 0)
            {
                Require(now.IsTheSameReadingAs(before[place]), $"{place} was not touched, and was made anew: {before[place]} {now}");
                continue;
            }
            Require(now.Since[source] >= position, $"{place} is of before the change: {now}");
            foreach (var text in texts)
            {
                var isWanted = !text.StartsWith('!');
                Require(now.Body.Contains(text.TrimStart('!'), StringComparison.Ordinal) == isWanted, $"{place}: {text} in {now.Body}");
            }
        }
    }

    private static void Require(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException(what);
        }
    }

    private async Task LookAsync(IReadOnlyDictionary<string, long> positions)
    {
        foreach (var (index, instance) in _instances.Index())
        {
            foreach (var path in _paths)
            {
                await Eventually.TrueAsync(
                    async () =>
                    {
                        var seen = await instance.SeeAsync(path, _cancellationToken);
                        _seen[(index, path)] = seen;
                        return seen.HoldsAt(positions);
                    },
                    Deadline,
                    $"instance {index} knowing of all changes of {path}",
                    _cancellationToken
                );
            }
        }
    }

    // Nobody keeps what nobody has asked for before.
    private async Task<IReadOnlyDictionary<string, long>> WhereItIsAsync()
    {
        var folder = _paths[0][..(_paths[0].IndexOf("/v1/", StringComparison.Ordinal) + 4)];
        var root = _paths[0][folder.Length..].Split('/', '?')[0];
        return (await _instances[0].SeeAsync($"{folder}{root}/nobody-asked-{Guid.NewGuid():N}", _cancellationToken)).Since;
    }
}
