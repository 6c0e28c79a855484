using BackendGuide.Eventing.Consuming;

namespace BackendGuide.Eventing.Tests.Consuming;

public sealed class EventHandlersTests
{
    [Fact]
    public void Type_ThatIsTakenAlready_IsRefused()
    {
        var handlers = Things.Handlers();

        Assert.Throws<ArgumentException>(() => handlers.Ignore(Things.Removed));
        Assert.Throws<ArgumentException>(() => handlers.On<ThingRemoved>(Things.Removed, (_, _, _, _) => Task.CompletedTask));
        Assert.Throws<ArgumentException>(() => handlers.Copy<ThingChanged>(Things.Changed, _ => null));
    }
}
