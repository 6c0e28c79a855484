namespace BackendGuide.AppHost;

/// <summary>Something that the user can put right: the message says what and how, and is printed without a stack.</summary>
internal sealed class LaunchException(string message) : Exception(message);
