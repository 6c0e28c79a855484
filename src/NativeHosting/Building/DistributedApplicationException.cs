namespace Aspire.Hosting;

/// <summary>A mistake in the description of the application.</summary>
public class DistributedApplicationException : Exception
{
    /// <summary>An exception without a message.</summary>
    public DistributedApplicationException() { }

    /// <summary>An exception that says what is wrong.</summary>
    public DistributedApplicationException(string message)
        : base(message) { }

    /// <summary>An exception that says what is wrong, and what it came from.</summary>
    public DistributedApplicationException(string message, Exception inner)
        : base(message, inner) { }
}
