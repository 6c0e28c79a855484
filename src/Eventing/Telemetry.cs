using System.Diagnostics;

namespace BackendGuide.Eventing;

/// <summary>Where the spans of the event backbone come from.</summary>
internal static class Telemetry
{
    public static readonly ActivitySource Source = new("BackendGuide.Eventing");
}
