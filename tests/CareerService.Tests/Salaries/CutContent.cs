using System.Net;

namespace BackendGuide.CareerService.Tests.Salaries;

/// <summary>A body whose sender goes away in the middle of it.</summary>
internal sealed class CutContent : HttpContent
{
    private readonly byte[] _bytes;
    private readonly int _sent;

    public CutContent(byte[] bytes, int sent, string mediaType)
    {
        (_bytes, _sent) = (bytes, sent);
        Headers.ContentType = new(mediaType);
    }

    protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
    {
        await stream.WriteAsync(_bytes.AsMemory(0, _sent));
        await stream.FlushAsync();
        throw new CutException();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _bytes.Length;
        return true;
    }
}
