using System.Diagnostics;
using System.Text.Json;
using BackendGuide.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Yarp.ReverseProxy.Configuration;

namespace BackendGuide.Gateway.Bench;

/// <summary>One answer as it goes over the wire.</summary>
internal sealed record Recorded(string Path, string ETag, byte[] Body, byte[] Brotli);

/// <summary>What the same work costs without anything around it: the programs that this project's own are compared with.</summary>
internal static class Floors
{
    public const string Kestrel = "--kestrel";
    public const string Yarp = "--yarp";
    public const string Writer = "--writer";

    private const string Alive = "/alive";

    // As a project of the web SDK has it that says nothing of its own. What is measured says for itself what it is to have.
    private static readonly Dictionary<string, string?> s_settings = new() { ["DOTNET_gcServer"] = "1" };
    private static readonly string s_self = typeof(Floors).Assembly.Location;

    /// <summary>Runs as one of them, where the arguments say so.</summary>
    public static bool TryRun(string[] arguments)
    {
        Action<string>? run = arguments switch
        {
            [Kestrel, _] => RunKestrel,
            [Yarp, _] => RunYarp,
            [Writer, _] => RunWriter,
            _ => null,
        };
        run?.Invoke(arguments[1]);
        return run is not null;
    }

    /// <summary>Kestrel and a dictionary of ready bytes.</summary>
    public static Task<MeasuredProcess> StartKestrelAsync(string recorded) => StartAsync("bare Kestrel", Kestrel, recorded);

    /// <summary>YARP with one route to one destination.</summary>
    public static Task<MeasuredProcess> StartYarpAsync(Uri destination) => StartAsync("bare YARP", Yarp, destination.AbsoluteUri);

    /// <summary>Kestrel and one INSERT that is committed for each request.</summary>
    public static Task<MeasuredProcess> StartWriterAsync(string database) => StartAsync("bare Kestrel, one INSERT", Writer, database);

    /// <summary>nginx with the same bytes as files.</summary>
    /// <param name="folder">Where its configuration and the files go.</param>
    /// <param name="answers">What it serves.</param>
    public static Task<MeasuredProcess> StartNginxAsync(string folder, IReadOnlyList<Recorded> answers)
    {
        var files = Directory.CreateDirectory(Path.Combine(folder, "files")).FullName;
        foreach (var answer in answers)
        {
            var file = Path.Combine(files, answer.Path.TrimStart('/'));
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllBytes(file, answer.Body);
        }
        File.WriteAllText(Path.Combine(files, "alive"), "");
        var port = FreePorts.Take();
        var configuration = Path.Combine(folder, "nginx.conf");
        File.WriteAllText(
            configuration,
            $$"""
            daemon off;
            user root;
            worker_processes auto;
            pid {{folder}}/nginx.pid;
            error_log stderr;
            events { worker_connections 1024; }
            http {
              access_log off;
              default_type application/json;
              sendfile on;
              tcp_nopush on;
              keepalive_requests 1000000000;
              open_file_cache max=10000;
              open_file_cache_valid 1h;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              server { listen 127.0.0.1:{{port}}; root {{files}}; }
            }
            """
        );
        var start = new ProcessStartInfo("/usr/sbin/nginx", ["-c", configuration, "-p", folder]);
        return MeasuredProcess.StartAsync("nginx", start, socket: null, port, Alive);
    }

    private static Task<MeasuredProcess> StartAsync(string name, string floor, string argument) =>
        MeasuredProcess.StartAsync(name, s_self, s_settings, [floor, argument], Alive);

    private static void RunKestrel(string file)
    {
        var answers = JsonSerializer.Deserialize<Recorded[]>(File.ReadAllBytes(file))!.ToDictionary(answer => answer.Path);
        var app = Build(_ => { });
        app.Run(context =>
        {
            var response = context.Response;
            if (!answers.TryGetValue(context.Request.Path.Value!, out var answer))
            {
                response.StatusCode = context.Request.Path == Alive ? StatusCodes.Status200OK : StatusCodes.Status404NotFound;
                return Task.CompletedTask;
            }
            response.Headers.ETag = answer.ETag;
            if (context.Request.Headers.IfNoneMatch.ToString() == answer.ETag)
            {
                response.StatusCode = StatusCodes.Status304NotModified;
                return Task.CompletedTask;
            }
            var isBrotli = context.Request.Headers.AcceptEncoding.ToString() == "br";
            var body = isBrotli ? answer.Brotli : answer.Body;
            response.ContentType = "application/json";
            response.ContentLength = body.Length;
            if (isBrotli)
            {
                response.Headers.ContentEncoding = "br";
            }
            return SendAsync(response, body);
        });
        app.Run();
    }

    private static async Task SendAsync(HttpResponse response, byte[] body) => await response.BodyWriter.WriteAsync(body);

    private static void RunYarp(string destination)
    {
        var route = new RouteConfig
        {
            RouteId = "all",
            ClusterId = "one",
            Match = new RouteMatch { Path = "{**all}" },
        };
        var cluster = new ClusterConfig
        {
            ClusterId = "one",
            Destinations = new Dictionary<string, DestinationConfig> { ["only"] = new() { Address = destination } },
        };
        var app = Build(services => services.AddReverseProxy().LoadFromMemory([route], [cluster]));
        app.MapReverseProxy();
        app.Run();
    }

    private static void RunWriter(string connectionString)
    {
        var database = NpgsqlDataSource.Create(connectionString);
        using (var create = database.CreateCommand("CREATE TABLE written(slug text PRIMARY KEY, body jsonb NOT NULL)"))
        {
            create.ExecuteNonQuery();
        }
        var app = Build(_ => { });
        app.Run(async context =>
        {
            if (context.Request.Path == Alive)
            {
                return;
            }
            using var reader = new StreamReader(context.Request.Body);
            const string Sql = "INSERT INTO written VALUES ($1, $2::jsonb) ON CONFLICT (slug) DO UPDATE SET body = excluded.body";
            await using var write = database.CreateCommand(Sql);
            write.Parameters.Add(new() { Value = context.Request.Path.Value! });
            write.Parameters.Add(new() { Value = await reader.ReadToEndAsync() });
            await write.ExecuteNonQueryAsync();
        });
        app.Run();
    }

    private static WebApplication Build(Action<IServiceCollection> add)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls(Environment.GetEnvironmentVariable("ASPNETCORE_URLS")!);
        builder.Services.AddRoutingCore();
        add(builder.Services);
        return builder.Build();
    }
}
