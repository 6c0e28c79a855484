using BackendGuide.ContentService;
using BackendGuide.ContentService.Exports;
using BackendGuide.ContentService.Guides;
using BackendGuide.ContentService.Imports;
using BackendGuide.ContentService.Search;
using BackendGuide.ContentService.Sitemap;
using BackendGuide.ContentService.Technologies;
using BackendGuide.Eventing;
using BackendGuide.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.RequireConnectionStrings("content-db", "messaging", "cache");
builder.AddPostgres("content-db");
builder.AddRedis("cache");
builder.AddContent();

var app = builder.Build();
app.UseServiceDefaults();
app.MapHealthEndpoints();
app.MapEventing();
app.MapGuides();
app.MapImports();
app.MapExports();
app.MapTechnologies();
app.MapSearch();
app.MapSitemap();
app.Run();
