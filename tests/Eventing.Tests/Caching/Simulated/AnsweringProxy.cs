using System.Reflection;

namespace BackendGuide.Eventing.Tests.Caching.Simulated;

/// <summary>Has one method that answers, whichever of the interface's is called.</summary>
public class AnsweringProxy : DispatchProxy
{
    public Func<object?[], object> Answer { get; set; } = _ => throw new InvalidOperationException("Nothing answers yet.");

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) => Answer(args ?? []);
}
