using BackendGuide.Contracts;
using BackendGuide.Eventing.Following;
using BackendGuide.ServiceDefaults;
using Microsoft.AspNetCore.Http;

namespace BackendGuide.Gateway.Tests.Changes;

/// <summary>The cursor of a write names where both sources were.</summary>
public sealed class CursorCompletionTests : IAsyncLifetime
{
    private const string Path = "/api/v1/technologies/python";

    private readonly FeedPosition _written = new(Guid.NewGuid(), 7);
    private Backend _content = null!;
    private FeedBackend _career = null!;
    private TestGateway _gateway = null!;

    public async ValueTask InitializeAsync()
    {
        _content = await Backend.StartAsync();
        _content.Answer = context =>
        {
            context.Response.Headers["Change-Cursor"] = ChangeCursor.Start.With(EventSources.Content, _written).ToString();
            return context.Response.WriteAsync("{}");
        };
        _career = await FeedBackend.StartAsync("/career");
        _gateway = TestGateway.Start([_content.Address], [_career.Address]);
    }

    public async ValueTask DisposeAsync()
    {
        await _gateway.DisposeAsync();
        await _content.DisposeAsync();
        await _career.DisposeAsync();
    }

    [Fact]
    public async Task Write_Accepted_SaysWhereTheOtherSourceWasToo()
    {
        _career.Add(1);
        _career.Add(2);

        var cursor = await PutAsync();

        Assert.Equal(_written, cursor.Of(EventSources.Content));
        Assert.Equal(2, cursor.Of(EventSources.Career)?.Position);
    }

    [Fact]
    public async Task Write_WithTheOtherSourceAway_SaysWhereItWasLast()
    {
        _career.Add(1);
        var before = (await PutAsync()).Of(EventSources.Career);
        _career.Add(2);
        _career.IsAway = true;

        Assert.Equal(before, (await PutAsync()).Of(EventSources.Career));
    }

    [Fact]
    public async Task Write_WithTheOtherSourceNeverSeen_SaysWhereItsOwnIs()
    {
        _career.IsAway = true;

        var cursor = await PutAsync();

        Assert.Equal(_written, cursor.Of(EventSources.Content));
        Assert.Null(cursor.Of(EventSources.Career));
    }

    private async Task<ChangeCursor> PutAsync()
    {
        using var answer = await _gateway.SendAsync("PUT", Path, Scopes.ContentWrite, new StringContent("{}", null, "application/json"));
        Assert.Equal(200, (int)answer.StatusCode);
        Assert.True(ChangeCursor.TryParse(answer.Headers.GetValues("Change-Cursor").Single(), out var cursor));
        return cursor;
    }
}
