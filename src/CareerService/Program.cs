using BackendGuide.CareerService;
using BackendGuide.CareerService.Careers;
using BackendGuide.CareerService.LearningPaths;
using BackendGuide.CareerService.Salaries;
using BackendGuide.Eventing;
using BackendGuide.ServiceDefaults;

var builder = WebApplication.CreateBuilder(args);
builder.AddServiceDefaults();
builder.RequireConnectionStrings("career-db", "messaging", "cache");
builder.AddPostgres("career-db");
builder.AddRedis("cache");
builder.AddCareer();

var app = builder.Build();
app.UseServiceDefaults();
app.MapHealthEndpoints();
app.MapEventing();
app.MapCareers();
app.MapLearningPaths();
app.MapSalaries();
app.Run();
