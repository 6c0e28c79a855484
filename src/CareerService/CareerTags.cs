using BackendGuide.CareerService.Topics;

namespace BackendGuide.CareerService;

/// <summary>
/// What answers of this service depend on, by name, and what a change changes: both sides of the same graph, here and nowhere else.
/// </summary>
/// <remarks>
/// <list type="table">
/// <item><c>career:{slug}</c>: what a career is and was: its own answers, its learning path, its revisions.</item>
/// <item><c>careers</c>: which there are, with what a list shows of each.</item>
/// <item><c>technology:{slug}</c>, <c>guide:{slug}</c>: the copy of what a learning path points to.</item>
/// <item><c>salaries:{slug}</c>: what was observed of a career's pay.</item>
/// </list>
/// What was is made of the career alone. It has its tag all the same: a version that is committed a moment after it was asked for what was then is of
/// a moment before.
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

    /// <summary>What a career is made of as linked data, which says what was observed of its pay, too.</summary>
    public static IReadOnlyList<string> OfLinkedCareer(string slug, IEnumerable<string> topics) =>
        [Salaries(slug), .. OfCareer(slug, topics)];

    /// <summary>What the technologies of a career are made of: itself, and each topic as the technology that it is, or may come to be.</summary>
    public static IReadOnlyList<string> OfTechnologiesOf(string slug, IEnumerable<string> topics) =>
        [Career(slug), .. topics.Distinct().Select(topic => Topic(TopicKind.Technology, topic))];

    /// <summary>What a change of a career, or its withdrawal, changes.</summary>
    public static IReadOnlyList<string> ChangedByCareer(string slug) => [Career(slug), Careers];

    /// <summary>What the salaries of a career are made of: what was observed, and what its editors say.</summary>
    public static IReadOnlyList<string> OfSalaries(string slug) => [Salaries(slug), Career(slug)];

    /// <summary>What new observations of a career change: nothing of the career itself.</summary>
    public static IReadOnlyList<string> ChangedBySalaries(string slug) => [Salaries(slug)];
}
