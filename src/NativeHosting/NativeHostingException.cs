namespace BackendGuide.NativeHosting;

/// <summary>Something that the user can put right: the message says what and how, and is printed without a stack.</summary>
public sealed class NativeHostingException : Exception
{
    /// <summary>An exception without a message.</summary>
    public NativeHostingException() { }

    /// <summary>An exception that says what to do.</summary>
    public NativeHostingException(string message)
        : base(message) { }

    /// <summary>An exception that says what to do, and what it came from.</summary>
    public NativeHostingException(string message, Exception innerException)
        : base(message, innerException) { }
}
