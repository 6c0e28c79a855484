namespace BackendGuide.AppHost.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Arguments_of_the_engine_pass_unchanged_in_their_order()
    {
        var run = Assert.IsType<CommandLine.Run>(
            CommandLine.Parse(["--publisher", "manifest", "--engine", "aspire", "--output-path", "a b"], defaultEngine: null)
        );

        Assert.Equal("aspire", run.Engine);
        Assert.Equal(["--publisher", "manifest", "--output-path", "a b"], run.EngineArguments);
    }

    [Theory]
    [InlineData(null, "auto")]
    [InlineData("", "auto")]
    [InlineData("native", "native")]
    public void Engine_without_an_argument_is_that_of_the_environment(string? variable, string expected) =>
        Assert.Equal(expected, Assert.IsType<CommandLine.Run>(CommandLine.Parse([], variable)).Engine);

    [Fact]
    public void Engine_of_an_argument_goes_before_that_of_the_environment() =>
        Assert.Equal("native", Assert.IsType<CommandLine.Run>(CommandLine.Parse(["--engine=native"], "aspire")).Engine);

    [Theory]
    [InlineData("--engine")]
    [InlineData("--engine=docker")]
    [InlineData("token", "--scope")]
    [InlineData("token", "--expires", "1y")]
    [InlineData("token", "--expires", "-1h")]
    [InlineData("token", "--expires", "0s")]
    [InlineData("token", "--color", "red")]
    [InlineData("reset", "--force")]
    public void Arguments_that_are_wrong_are_refused(params string[] args) =>
        Assert.Throws<LaunchException>(() => CommandLine.Parse(args, defaultEngine: null));

    [Fact]
    public void Token_without_options_has_all_scopes_for_an_hour() =>
        Assert.Equal(
            new CommandLine.Token("content:write career:write ops", "editor", TimeSpan.FromHours(1), "backendguide-local", "backendguide"),
            CommandLine.Parse(["token"], defaultEngine: null)
        );

    [Fact]
    public void Token_with_options_has_them()
    {
        string[] args = ["token", "--scope", "ops", "--sub", "alice", "--expires", "90s", "--issuer", "i", "--audience", "a"];

        Assert.Equal(
            new CommandLine.Token("ops", "alice", TimeSpan.FromSeconds(90), "i", "a"),
            CommandLine.Parse(args, defaultEngine: null)
        );
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("-h")]
    [InlineData("token", "--help")]
    [InlineData("--engine", "native", "--help")]
    public void Help_asked_for_anywhere_is_given(params string[] args) =>
        Assert.IsType<CommandLine.Help>(CommandLine.Parse(args, defaultEngine: null));

    [Fact]
    public void Help_names_every_setting_that_the_AppHost_reads()
    {
        foreach (
            var name in new[] { "BACKENDGUIDE_DATA", "BACKENDGUIDE_ENGINE", "BACKENDGUIDE_INSTALL", "Gateway__Port", "Replicas__content" }
        )
        {
            Assert.Contains(name, CommandLine.HelpText, StringComparison.Ordinal);
        }
    }
}
