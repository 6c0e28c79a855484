using BackendGuide.Gateway.Health;
using BackendGuide.Gateway.Routing;
using BackendGuide.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.AddApiRouting();
builder.AddCrossOrigin();
builder.AddServiceHealth();

var app = builder.Build();
app.UseCrossOrigin();
app.UseServiceDefaults();
app.MapHealthEndpoints();
app.MapApi();

await app.RunAsync();
