using System.Net;
using System.Net.Sockets;
using BackendGuide.NativeHosting.Engine;

namespace BackendGuide.NativeHosting.Tests;

public sealed class PortTests
{
    [Fact]
    public void Port_chosen_once_is_kept_for_the_next_run()
    {
        using var folder = new TemporaryFolder();
        var first = new PortBook(folder.In("ports.json")).Get("postgres");

        Assert.Equal(first, new PortBook(folder.In("ports.json")).Get("postgres"));
    }

    [Fact]
    public void Port_taken_by_another_meanwhile_is_exchanged()
    {
        using var folder = new TemporaryFolder();
        var first = new PortBook(folder.In("ports.json")).Get("postgres");
        using var other = new TcpListener(IPAddress.Loopback, first);
        other.Start();

        Assert.NotEqual(first, new PortBook(folder.In("ports.json")).Get("postgres"));
    }

    [Fact]
    public void Ports_of_two_names_differ()
    {
        using var folder = new TemporaryFolder();
        var ports = new PortBook(folder.In("ports.json"));

        Assert.Equal(50, Enumerable.Range(0, 50).Select(n => ports.Get($"name-{n}")).Distinct().Count());
    }

    [Fact]
    public async Task Port_in_use_names_the_process_that_holds_it()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var holder = await PortHolder.FindAsync(port, TestContext.Current.CancellationToken);

        Assert.EndsWith($"(process {Environment.ProcessId})", holder, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Port_of_nobody_has_no_holder() => Assert.Null(await PortHolder.FindAsync(1, TestContext.Current.CancellationToken));
}
