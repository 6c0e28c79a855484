namespace BackendGuide.SystemTests.Telemetry;

/// <summary>The spans of one trace, from whichever process they came.</summary>
/// <param name="callerId">The span of the caller, which is in the traceparent that it sent and in no export.</param>
internal sealed class Trace(IReadOnlyList<Span> spans, string callerId)
{
    private readonly Dictionary<string, Span> _byId = spans.ToDictionary(span => span.Id);

    /// <summary>Whether each span's parent is here too, and none but the caller's is not.</summary>
    public bool IsWhole => spans.Count > 0 && spans.All(span => span.ParentId == callerId || _byId.ContainsKey(span.ParentId));

    /// <summary>
    /// Whether somewhere a line of parents goes from the caller through the given spans in this order. Others may be between two of
    /// them (the proxy's and the HTTP client's own), but the line has no gap.
    /// </summary>
    public bool Leads(params IReadOnlyList<(string Service, string Scope)> through) =>
        spans.Any(span => IsThrough(LineTo(span), through) && (span.Service, span.Scope) == through[^1]);

    /// <summary>Whether a service has a span of this name in it.</summary>
    public bool Has(string service, string name) => spans.Any(span => (span.Service, span.Name) == (service, name));

    public override string ToString() => string.Join('\n', spans);

    private List<Span> LineTo(Span? span)
    {
        var line = new List<Span>();
        for (; span is not null; span = _byId.GetValueOrDefault(span.ParentId))
        {
            line.Insert(0, span);
        }
        return line;
    }

    private bool IsThrough(List<Span> line, IReadOnlyList<(string Service, string Scope)> through)
    {
        var met = 0;
        foreach (var span in line)
        {
            met += met < through.Count && (span.Service, span.Scope) == through[met] ? 1 : 0;
        }
        return met == through.Count && line[0].ParentId == callerId;
    }
}
