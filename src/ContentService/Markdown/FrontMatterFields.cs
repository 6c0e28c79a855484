namespace BackendGuide.ContentService.Markdown;

/// <summary>What a guide takes of its front matter.</summary>
internal sealed class FrontMatterFields(YamlValue.Map? map, MarkdownFaults faults)
{
    /// <summary>A text; null where there is none, or an empty one. The line's end that a block of lines has at its own end is none of the text.</summary>
    public YamlValue.Scalar? Text(string name)
    {
        switch (Find(name))
        {
            case YamlValue.Scalar scalar:
                var text = scalar.IsBlock ? scalar.Text.Trim() : scalar.Text;
                return text.Length == 0 ? null : scalar with { Text = text };
            case null or YamlValue.Nothing:
                return null;
            case var other:
                faults.Add(other.Line, $"{name} must be a text");
                return new YamlValue.Scalar(other.Line, "-");
        }
    }

    /// <summary>The tags, as a list or with commas between them; null where there are none.</summary>
    public IReadOnlyList<YamlValue.Scalar>? Tags()
    {
        switch (Find("tags"))
        {
            case null or YamlValue.Nothing:
                return null;
            case YamlValue.Scalar scalar:
                faults.Place("$.tags", scalar.Line);
                return
                [
                    .. scalar
                        .Text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
                        .Select(tag => scalar with { Text = tag }),
                ];
            case YamlValue.Items list:
                faults.Place("$.tags", list.Line);
                foreach (var other in list.Values.Where(value => value is not YamlValue.Scalar))
                {
                    faults.Add(other.Line, "tags must be texts");
                }
                return [.. list.Values.OfType<YamlValue.Scalar>().Select(tag => tag.IsBlock ? tag with { Text = tag.Text.Trim() } : tag)];
            case var other:
                faults.Add(other.Line, "tags must be a list of texts");
                return null;
        }
    }

    private YamlValue? Find(string name)
    {
        var all = map?.Pairs.Where(pair => pair.Key.Text == name).ToList() ?? [];
        foreach (var again in all.Skip(1))
        {
            faults.Add(again.Key.Line, $"{name} is there twice");
        }
        return all.Count == 0 ? null : all[0].Value;
    }
}
