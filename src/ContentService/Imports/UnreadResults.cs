using System.Threading.Channels;

namespace BackendGuide.ContentService.Imports;

/// <summary>
/// Results that wait for their reader, in order: a little in memory, the rest in a temporary file. Whoever adds them never waits for whoever takes
/// them.
/// </summary>
/// <param name="folder">Where the file is.</param>
/// <param name="most">How many bytes it may take. What is taken of it makes room when all of it is.</param>
internal sealed class UnreadResults(string folder, long most) : IDisposable
{
    private const int MostInMemory = 64 * 1024;

    private readonly Lock _gate = new();
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly byte[] _memory = new byte[MostInMemory];
    private (int Begin, int End) _inMemory;
    private FileStream? _file;
    private (long Begin, long End) _inFile;
    private bool _isComplete;

    /// <summary>True where there ever was anything.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>Adds results.</summary>
    /// <exception cref="IOException">There is no more room for them.</exception>
    public void Add(ReadOnlySpan<byte> results)
    {
        if (results.IsEmpty)
        {
            return;
        }
        lock (_gate)
        {
            HasBegun = true;
            if (_inFile.Begin == _inFile.End && results.Length <= MostInMemory - _inMemory.End)
            {
                results.CopyTo(_memory.AsSpan(_inMemory.End));
                _inMemory.End += results.Length;
            }
            else
            {
                AddToFile(results);
            }
        }
        _changed.Writer.TryWrite(true);
    }

    /// <summary>There will be no more.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isComplete = true;
        }
        _changed.Writer.TryWrite(true);
    }

    /// <summary>Takes the oldest results, as many as there are and fit. Waits for some where there are none.</summary>
    /// <returns>How many bytes; 0 where there will be no more.</returns>
    public async ValueTask<int> TakeAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            lock (_gate)
            {
                var taken = Take(buffer.Span);
                if (taken > 0 || _isComplete)
                {
                    return taken;
                }
            }
            await _changed.Reader.ReadAsync(cancellationToken);
        }
    }

    /// <inheritdoc />
    public void Dispose() => _file?.Dispose();

    private int Take(Span<byte> buffer)
    {
        if (_inMemory.Begin < _inMemory.End)
        {
            var (begin, end) = _inMemory;
            var taken = Math.Min(buffer.Length, end - begin);
            _memory.AsSpan(begin, taken).CopyTo(buffer);
            _inMemory = begin + taken == end ? default : (begin + taken, end);
            return taken;
        }
        if (_inFile.Begin < _inFile.End)
        {
            var (begin, end) = _inFile;
            var taken = RandomAccess.Read(_file!.SafeFileHandle, buffer[..(int)Math.Min(buffer.Length, end - begin)], begin);
            _inFile = begin + taken == end ? default : (begin + taken, end); // from the start again, over what was taken
            return taken;
        }
        return 0;
    }

    private void AddToFile(ReadOnlySpan<byte> results)
    {
        if (_inFile.End + results.Length > most)
        {
            throw new IOException($"The results of an import that nobody reads would take more than {most} bytes.");
        }
        _file ??= Create(folder);
        RandomAccess.Write(_file.SafeFileHandle, results, _inFile.End);
        _inFile.End += results.Length;
    }

    private static FileStream Create(string folder)
    {
        var path = Path.Combine(folder, $"backendguide-import-{Guid.NewGuid():N}");
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            BufferSize = 0,
            Options = FileOptions.DeleteOnClose,
        };
        if (OperatingSystem.IsWindows())
        {
            return new FileStream(path, options);
        }
        options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var file = new FileStream(path, options);
        File.Delete(path); // its name alone: so nothing is left of it, however the process ends
        return file;
    }
}
