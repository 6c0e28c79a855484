namespace BackendGuide.SystemTests.Telemetry;

/// <summary>A span as it left its process.</summary>
/// <param name="Service">The resource's service.name.</param>
/// <param name="Scope">The activity source: Microsoft.AspNetCore, Npgsql, MassTransit, …</param>
/// <param name="ParentId">"" for a root.</param>
internal sealed record Span(string Service, string Scope, string TraceId, string Id, string ParentId, string Name)
{
    public override string ToString() => $"{Service} {Scope} '{Name}' {Id} in {ParentId}";
}

/// <summary>
/// What one OTLP export request says. The three signals are built alike: request, resource, scope, then the span, the metric or the log
/// record; the numbers are those of opentelemetry-proto.
/// </summary>
internal static class OtlpExport
{
    public static IEnumerable<Span> ReadSpans(ProtobufMessage request) =>
        Items(request)
            .Select(entry => new Span(
                entry.Service,
                entry.Scope,
                TraceId: entry.Item.Hex(1),
                Id: entry.Item.Hex(2),
                ParentId: entry.Item.Hex(4),
                Name: entry.Item.Text(5)
            ));

    /// <summary>The names of the metrics.</summary>
    public static IEnumerable<(string Service, string Name)> ReadMetrics(ProtobufMessage request) =>
        Items(request).Select(entry => (entry.Service, entry.Item.Text(1)));

    /// <summary>The bodies of the log records.</summary>
    public static IEnumerable<(string Service, string Text)> ReadLogs(ProtobufMessage request) =>
        Items(request).SelectMany(entry => entry.Item.Messages(5).Select(body => (entry.Service, body.Text(1))));

    private static IEnumerable<(string Service, string Scope, ProtobufMessage Item)> Items(ProtobufMessage request) =>
        from perResource in request.Messages(1)
        let service = perResource.Messages(1).SelectMany(ReadAttributes).Single(attribute => attribute.Key == "service.name").Value
        from perScope in perResource.Messages(2)
        let scope = string.Concat(perScope.Messages(1).Select(scope => scope.Text(1)))
        from item in perScope.Messages(2)
        select (service, scope, item);

    // Attributes whose value is no text come out as "".
    private static IEnumerable<(string Key, string Value)> ReadAttributes(ProtobufMessage resource) =>
        resource.Messages(1).Select(attribute => (attribute.Text(1), string.Concat(attribute.Messages(2).Select(value => value.Text(1)))));
}
