using BackendGuide.Gateway.Caching;
using BackendGuide.Gateway.Changes;
using BackendGuide.Gateway.Docs;
using BackendGuide.Gateway.Evictions;
using BackendGuide.Gateway.Feeds;
using BackendGuide.Gateway.Freshness;
using BackendGuide.Gateway.Health;
using BackendGuide.Gateway.Operations;
using BackendGuide.Gateway.Routing;
using BackendGuide.Gateway.Telemetry;
using BackendGuide.ServiceDefaults;
using Microsoft.Extensions.Logging.Console;

// Without IIS, HTTP/3 and what else a gateway's memory is too dear for; with TLS, for whoever sets it.
var builder = WebApplication.CreateSlimBuilder(args);
builder.WebHost.UseKestrelHttpsConfiguration();
builder.Services.Configure<ConsoleLoggerOptions>(builder.Configuration.GetSection("Logging:Console")); // which a slim builder sets itself
builder.AddServiceDefaults(tracesRequests: false);
builder.AddRequestTracing();
builder.AddApiRouting();
builder.AddCrossOrigin();
builder.AddServiceHealth();
builder.AddOperations();
builder.AddChanges();
builder.AddEvictions();
builder.AddCaching();
builder.AddFreshness();
builder.AddFeeds();

var app = builder.Build();
app.UseCrossOrigin();
app.UseKeptAnswers();
app.UseRequestTracing();
app.UseCaching();
app.UseServiceDefaults();
app.MapGroup("").OfTheMoment().MapHealthEndpoints();
app.MapOperations();
app.MapChanges();
app.MapFreshness();
app.MapFeeds();
app.MapDocs();
app.MapApi();

await app.RunAsync();
