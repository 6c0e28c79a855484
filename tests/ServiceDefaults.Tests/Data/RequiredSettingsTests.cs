using Microsoft.Extensions.Hosting;

namespace BackendGuide.ServiceDefaults.Tests.Data;

public sealed class RequiredSettingsTests
{
    [Fact]
    public void Missing_connection_strings_are_named_all_at_once()
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "Tested" });
        builder.Configuration["ConnectionStrings:given"] = "x";
        builder.Configuration["ConnectionStrings:blank"] = " ";

        var fault = Assert.Throws<InvalidOperationException>(() => builder.RequireConnectionStrings("given", "blank", "content-db"));

        Assert.EndsWith(": ConnectionStrings__blank, ConnectionStrings__content-db", fault.Message);
        builder.RequireConnectionStrings("given");
    }
}
