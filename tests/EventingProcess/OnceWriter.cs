using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using BackendGuide.Eventing.Idempotency;
using BackendGuide.Eventing.Tests;
using BackendGuide.ServiceDefaults.Http;

namespace BackendGuide.EventingProcess;

/// <summary>
/// Makes a new thing for each key, once: <c>once key</c> is a request, and <c>abort key</c> its client that hangs up. It says
/// <c>answer key status thing ran</c>, where <c>ran</c> tells whether this request itself wrote; an aborted request has no answer.
/// </summary>
internal sealed class OnceWriter(IdempotentWrites writes)
{
    private readonly ConcurrentDictionary<string, CancellationTokenSource> _clients = new();

    public async Task RunAsync()
    {
        List<Task> running = [];
        while (await Console.In.ReadLineAsync() is { } line)
        {
            var (verb, key) = line.Split(' ') is [var first, var second] ? (first, second) : throw new FormatException(line);
            if (verb == "abort")
            {
                await _clients[key].CancelAsync();
            }
            else
            {
                running.Add(WriteAsync(key, (_clients[key] = new CancellationTokenSource()).Token));
            }
        }
        await Task.WhenAll(running);
    }

    private async Task WriteAsync(string key, CancellationToken aborted)
    {
        var ran = false;
        var request = new IdempotentRequest(Hash("alice"), "/things", key, Hash(key));
        try
        {
            var answer = await writes.OnceAsync(
                request,
                async (transaction, token) =>
                {
                    ran = true;
                    var id = Guid.CreateVersion7();
                    await Things.SaveAsync(transaction, id, key, token);
                    return new WrittenResult(200, new Dictionary<string, string>(), Encoding.UTF8.GetBytes(id.ToString()));
                },
                aborted
            );
            Console.WriteLine(
                answer.Result is WrittenResult written
                    ? $"answer {key} {written.Status} {Encoding.UTF8.GetString(written.Body.Span)} {ran}"
                    : $"answer {key} 503 - {ran}"
            );
        }
        catch (OperationCanceledException)
        {
            // its client has gone
        }
    }

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
