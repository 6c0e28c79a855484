using System.Diagnostics;
using System.Globalization;
using BackendGuide.Testing;

namespace BackendGuide.Salaries.Bench;

/// <summary>A program of the project, built as it is shipped, in a process of its own.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private readonly Process _process;

    private ServiceProcess(Process process, int port)
    {
        _process = process;
        Address = new Uri($"http://127.0.0.1:{port}");
    }

    public Uri Address { get; }

    /// <summary>Seconds of processor time that it has used.</summary>
    public double Processor => Bench.Processor.Of(_process.Id);

    /// <summary>Its resident bytes now.</summary>
    public long Resident => Read("VmRSS");

    /// <summary>The most that they ever were.</summary>
    public long MostResident => Read("VmHWM");

    /// <summary>Starts it and waits until it is there.</summary>
    public static async Task<ServiceProcess> StartAsync(string project, int port, IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var assembly = Checkout.AssemblyOf(project);
        var start = new ProcessStartInfo("dotnet", [assembly]) { WorkingDirectory = Path.GetDirectoryName(assembly) };
        foreach (var (key, value) in settings)
        {
            start.Environment[key.Replace(":", "__", StringComparison.Ordinal)] = value;
        }
        start.Environment["ASPNETCORE_ENVIRONMENT"] = "Production";
        start.Environment["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        start.Environment["Logging__Console__LogLevel__Default"] = "None"; // of whatever category
        var started = new ServiceProcess(Process.Start(start)!, port);
        using var client = new HttpClient { BaseAddress = started.Address };
        await Eventually.TrueAsync(() => started.IsAliveAsync(client), TimeSpan.FromMinutes(1), project, CancellationToken.None);
        return started;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            using var terminate = Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]);
            await _process.WaitForExitAsync();
        }
        _process.Dispose();
    }

    private async Task<bool> IsAliveAsync(HttpClient client)
    {
        if (_process.HasExited)
        {
            throw new InvalidOperationException($"It ended with {_process.ExitCode}.");
        }
        try
        {
            using var answer = await client.GetAsync(new Uri("/alive", UriKind.Relative));
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }

    private long Read(string name)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status").Single(line => line.StartsWith($"{name}:", StringComparison.Ordinal));
        return 1024 * long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2], CultureInfo.InvariantCulture);
    }
}
