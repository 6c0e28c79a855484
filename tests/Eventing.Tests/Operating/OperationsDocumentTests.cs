using System.Collections.Concurrent;
using System.ComponentModel.DataAnnotations;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Reflection;
using BackendGuide.Eventing.Operating;
using Microsoft.Extensions.Options;

namespace BackendGuide.Eventing.Tests.Operating;

/// <summary>docs/operations.md says what the code does: each setting with its default and bounds, and each metric.</summary>
public sealed class OperationsDocumentTests
{
    private static readonly PropertyInfo[] s_settings = typeof(EventingOptions).GetProperties();

    public static TheoryData<string, string> OutOfBounds =>
        new(s_settings.SelectMany(setting => Beyond(Range(setting)).Select(value => (setting.Name, value))));

    [Fact]
    public async Task Settings_OfTheDocument_AreThoseOfTheCode()
    {
        var defaults = new EventingOptions();

        var documented = await ReadTableAsync("### Settings of the events");

        Assert.Equal(
            s_settings.Select(setting => (setting.Name, Text(setting.GetValue(defaults)!), $"{Minimum(setting)} to {Maximum(setting)}")),
            documented.Select(row => (row[0].Trim('`'), row[1], row[2]))
        );
        Assert.All(documented, row => Assert.InRange(row[3].Length, 20, 500));
    }

    [Fact]
    public async Task Metrics_OfTheDocument_AreThoseOfTheCode()
    {
        var instruments = new ConcurrentDictionary<string, string>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name == EventingMetrics.Name)
                {
                    instruments[instrument.Name] = $"{Kind(instrument)}, {instrument.Unit}";
                }
            },
        };
        listener.Start();
        using var observed = EventingMetrics.Observe(new RelayState(), new ConsumerState("a", "/b", "c"));
        Assert.NotNull(EventingMetrics.FeedLockWait); // the static ones are there once one is asked for

        var documented = await ReadTableAsync("## Metrics of the events");

        Assert.Equal(
            instruments.Select(instrument => (instrument.Key, instrument.Value)).Order(),
            documented.Select(row => (row[0].Trim('`'), row[1])).Order()
        );
        Assert.All(documented, row => Assert.InRange(row[3].Length, 2, 200));
    }

    [Theory]
    [MemberData(nameof(OutOfBounds))]
    public async Task Setting_OutOfBounds_RefusesTheStartAndIsNamed(string setting, string value)
    {
        var refusal = await Assert.ThrowsAsync<OptionsValidationException>(() => StartAsync(setting, value));

        Assert.Contains(setting, refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("RelayBatch", "many")]
    [InlineData("HoleAge", "5 seconds")]
    public async Task Setting_ThatCannotBeRead_RefusesTheStartAndIsNamed(string setting, string value)
    {
        var refusal = await Assert.ThrowsAsync<InvalidOperationException>(() => StartAsync(setting, value));

        Assert.Contains($"Things:Eventing:{setting}", refusal.Message, StringComparison.Ordinal);
    }

    // Nothing is asked before the settings are looked at, so nobody has to be there.
    private static async Task StartAsync(string setting, string value) =>
        await EventingHost.StartProducerAsync(
            "Host=127.0.0.1;Port=1;Database=none",
            "amqp://guest:guest@127.0.0.1:1",
            TestContext.Current.CancellationToken,
            new Dictionary<string, string> { [setting] = value }
        );

    private static async Task<List<string[]>> ReadTableAsync(string heading)
    {
        var lines = await File.ReadAllLinesAsync(
            Path.Combine(AppContext.BaseDirectory, "operations.md"),
            TestContext.Current.CancellationToken
        );
        return
        [
            .. lines
                .SkipWhile(line => line != heading)
                .SkipWhile(line => !line.StartsWith('|'))
                .TakeWhile(line => line.StartsWith('|'))
                .Skip(2) // the columns' names and the line below them
                .Select(line => line.Trim('|').Split('|').Select(cell => cell.Trim()).ToArray()),
        ];
    }

    private static RangeAttribute Range(PropertyInfo setting) =>
        setting.GetCustomAttribute<RangeAttribute>() ?? throw new InvalidOperationException($"{setting.Name} has no bounds.");

    private static string Minimum(PropertyInfo setting) => Text(Bound(setting, Range(setting).Minimum));

    private static string Maximum(PropertyInfo setting) => Text(Bound(setting, Range(setting).Maximum));

    private static object Bound(PropertyInfo setting, object bound) =>
        setting.PropertyType == typeof(TimeSpan) ? TimeSpan.Parse((string)bound, CultureInfo.InvariantCulture) : bound;

    private static IEnumerable<string> Beyond(RangeAttribute range) =>
        range.OperandType == typeof(TimeSpan)
            ?
            [
                (TimeSpan.Parse((string)range.Minimum, CultureInfo.InvariantCulture) - TimeSpan.FromMilliseconds(1)).ToString(),
                (TimeSpan.Parse((string)range.Maximum, CultureInfo.InvariantCulture) + TimeSpan.FromMilliseconds(1)).ToString(),
            ]
            : [Text((int)range.Minimum - 1), Text((int)range.Maximum + 1)];

    // 00:00:00.1 rather than 00:00:00.1000000
    private static string Text(object value) =>
        value is TimeSpan { Ticks: var ticks } time && ticks % TimeSpan.TicksPerSecond != 0
            ? time.ToString().TrimEnd('0')
            : Convert.ToString(value, CultureInfo.InvariantCulture)!;

    private static string Kind(Instrument instrument) =>
        instrument switch
        {
            Histogram<double> => "histogram",
            Counter<long> => "counter",
            _ when instrument.IsObservable => "gauge",
            _ => instrument.GetType().Name,
        };
}
