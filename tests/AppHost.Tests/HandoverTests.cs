using System.Net.Sockets;
using System.Text;
using System.Xml.Linq;

namespace BackendGuide.AppHost.Tests;

public sealed class HandoverTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Engine_that_answers_on_a_socket_is_found()
    {
        using var data = new TemporaryData();
        var path = data.Folder.In("engine.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();
        var serving = AnswerOnceAsync(listener);

        Assert.True(await ContainerEngine.AnswersAsync(new Uri($"unix://{path}"), Cancellation));
        await serving;
    }

    [Fact]
    public async Task Socket_on_which_nobody_answers_is_no_engine()
    {
        using var data = new TemporaryData();
        var path = data.Folder.In("engine.sock");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(path));
        listener.Listen();

        Assert.False(await ContainerEngine.AnswersAsync(new Uri($"unix://{path}"), Cancellation));
        Assert.False(await ContainerEngine.AnswersAsync(new Uri($"unix://{path}.none"), Cancellation));
    }

    [Fact]
    public async Task Packages_that_cannot_be_had_are_said_in_one_line()
    {
        using var data = new TemporaryData();
        var handover = new Handover(data.Folder, _ => { }, WithoutPackages(data));

        var reason = await handover.TryPrepareAsync(Cancellation);

        Assert.StartsWith("Aspire 13.1.3 cannot be restored (", reason, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', reason!);
    }

    [Fact]
    public void Version_of_the_SDK_is_that_of_the_packages()
    {
        var project = XDocument.Load(Path.Combine(Engine.AppHostDirectory, "AppHost.csproj"));
        var imported = project
            .Descendants("Import")
            .Where(import => (string?)import.Attribute("Sdk") == "Aspire.AppHost.Sdk")
            .Select(import => (string?)import.Attribute("Version"));

        Assert.Equal([Engine.AspireVersion, Engine.AspireVersion], imported);
    }

    // A feed that is an empty folder, and a cache that has nothing.
    private static Dictionary<string, string> WithoutPackages(TemporaryData data)
    {
        LocalFolder.Write(
            data.Folder.In(".nuget", "NuGet", "NuGet.Config"),
            $"""<configuration><packageSources><clear /><add key="none" value="{data.Folder.In("none")}" /></packageSources></configuration>"""
        );
        Directory.CreateDirectory(data.Folder.In("none"));
        return new() { ["HOME"] = data.Folder.Path, ["NUGET_PACKAGES"] = data.Folder.In("packages") };
    }

    private static async Task AnswerOnceAsync(Socket listener)
    {
        using var connection = await listener.AcceptAsync(Cancellation);
        await connection.ReceiveAsync(new byte[1024], Cancellation);
        await connection.SendAsync(Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK"), Cancellation);
    }
}
