namespace BackendGuide.FaultTests.Checking;

/// <summary>Positions that are missing between the feed's floor and its head, and those that a consumer has not taken.</summary>
internal static class Holes
{
    public static IEnumerable<string> Find(SourceRecords source)
    {
        var next = source.Floor + 1;
        foreach (var position in source.Positions)
        {
            for (; next < position; next++)
            {
                yield return $"{source.Source}/{next} is missing from the feed";
            }
            next = position + 1;
        }
        if (source.Unpositioned > 0)
        {
            yield return $"{source.Unpositioned} committed events of {source.Source} have no position";
        }
        for (var position = source.Contiguous + 1; position <= source.Head; position++)
        {
            yield return $"{source.Source}/{position} was not taken without a gap";
        }
    }
}
