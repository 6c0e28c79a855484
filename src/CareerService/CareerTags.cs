using BackendGuide.CareerService.Topics;

namespace BackendGuide.CareerService;

/// <summary>
/// What answers of this service depend on, by name, and what a change changes: both sides of the same graph, here and nowhere else.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><c>career:{slug}</c>: what a career is: its own answers, its learning path.</item>
/// <item><c>careers</c>: which there are, with what a list shows of each.</item>
/// <item><c>technology:{slug}</c>, <c>guide:{slug}</c>: the copy of what a learning path points to.</item>
/// <item><c>salaries:{slug}</c>: what was observed of a career's pay.</item>
/// </list>
/// </remarks>
internal static class CareerTags
{
    public const string Careers = "careers";

    public static string Career(string slug) => $"career:{slug}";

    public static string Salaries(string slug) => $"salaries:{slug}";

    public static string Topic(string kind, string slug) => $"{kind}:{slug}";

    /// <summary>
    /// What an answer of a career is made of: itself, and of each topic both things that it could be, for a technology wins over a guide of the
    /// same name.
    /// </summary>
    public static IReadOnlyList<string> OfCareer(string slug, IEnumerable<string> topics) =>
        [
            Career(slug),
            .. topics.Distinct().SelectMany(topic => new[] { Topic(TopicKind.Technology, topic), Topic(TopicKind.Guide, topic) }),
        ];

    /// <summary>What a change of a career changes.</summary>
    public static IReadOnlyList<string> ChangedByCareer(string slug) => [Career(slug), Careers];

    /// <summary>What the salaries of a career are made of: what was observed, and what its editors say.</summary>
    public static IReadOnlyList<string> OfSalaries(string slug) => [Salaries(slug), Career(slug)];

    /// <summary>What new observations of a career change: nothing of the career itself.</summary>
    public static IReadOnlyList<string> ChangedBySalaries(string slug) => [Salaries(slug)];
}
