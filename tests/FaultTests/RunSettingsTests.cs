namespace BackendGuide.FaultTests;

public sealed class RunSettingsTests
{
    [Fact]
    public void Settings_WithoutEnvironment_AreOneSeedOfEachFault() => Assert.Equal([1], RunSettings.Read(_ => null).Seeds);

    [Fact]
    public void Settings_OfAFullRunWithASeed_AreFiveSeedsFromIt()
    {
        var environment = new Dictionary<string, string> { ["BACKENDGUIDE_FAULTS_FULL"] = "1", ["BACKENDGUIDE_FAULTS_SEED"] = "40" };

        var settings = RunSettings.Read(environment.GetValueOrDefault);

        Assert.Equal([40, 41, 42, 43, 44], settings.Seeds);
        Assert.Equal(TimeSpan.FromSeconds(30), settings.Stopped.Pick(new Random(1)));
    }

    [Fact]
    public void Random_OfASeedAndAPurpose_IsTheSameEachTimeAndAnotherForOthers()
    {
        Assert.Equal(Seeds.RandomFor(7, 1, 2).Next(), Seeds.RandomFor(7, 1, 2).Next());
        Assert.Equal(
            3,
            new[] { Seeds.RandomFor(7, 1, 2), Seeds.RandomFor(8, 1, 2), Seeds.RandomFor(7, 2, 1) }.DistinctBy(r => r.Next()).Count()
        );
    }
}
