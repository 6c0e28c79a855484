#pragma warning disable
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace BackendGuide.ServiceDefaults;

public static class TempInternal
{
    public static void AddInternalAccess(this IHostApplicationBuilder builder) { }

    public static void AddInternalClient(this IHostApplicationBuilder builder, string service) =>
        builder.Services.AddHttpClient(service, client => client.BaseAddress = new Uri($"http://{service}"));
}
