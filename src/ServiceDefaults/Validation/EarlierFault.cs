using Microsoft.AspNetCore.Http;

namespace BackendGuide.ServiceDefaults.Validation;

/// <summary>
/// What was found wrong with a request before its endpoint looked at it, to be told together with what the endpoint finds: whoever reads the query by
/// a <see cref="QueryInput"/> has it among its faults.
/// </summary>
/// <param name="Place">Where it is: a header's name.</param>
/// <param name="Message">A sentence for the person who sent it.</param>
public sealed record EarlierFault(string Place, string Message)
{
    /// <summary>True where it was put among the endpoint's faults.</summary>
    public bool IsTold { get; private set; }

    internal static void TellIn(HttpContext context, Faults faults)
    {
        if (context.Features.Get<EarlierFault>() is { } fault)
        {
            faults.Add(fault.Place, fault.Message);
            fault.IsTold = true;
        }
    }
}
