using System.ComponentModel.DataAnnotations;

namespace BackendGuide.ContentService.Imports;

/// <summary>Where results of imports wait that nobody reads yet, and for how long answers do; from <c>Content:Imports</c>, checked at start.</summary>
internal sealed class ImportOptions
{
    /// <summary>The folder of the temporary files, by default the system's. Each import has one at most, and it is gone with the import.</summary>
    public string Folder { get; set; } = Path.GetTempPath();

    /// <summary>
    /// The most bytes that the results of one import may take there: 1 MiB to 1 TiB, by default 1 GiB, which is the results of some 14 million
    /// lines. An import that would need more ends; what it has committed stays.
    /// </summary>
    [Range(1L << 20, 1L << 40)]
    public long MaxUnreadBytes { get; set; } = 1L << 30;

    /// <summary>
    /// How long an answer waits from the first commit on for the import's end before it begins, so that its <c>Change-Cursor</c> is behind all of a short
    /// import: at most a minute, by default a quarter of a second.
    /// </summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:01:00")]
    public TimeSpan WaitForEnd { get; set; } = TimeSpan.FromMilliseconds(250);
}
