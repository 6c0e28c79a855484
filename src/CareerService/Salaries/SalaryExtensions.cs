using BackendGuide.CareerService.Salaries.Observations;
using BackendGuide.CareerService.Salaries.Settling;

namespace BackendGuide.CareerService.Salaries;

internal static class SalaryExtensions
{
    public static void AddSalaries(this WebApplicationBuilder builder)
    {
        builder.Services.AddSingleton<SalaryReader>();
        builder.Services.AddSingleton<ObservationUpload>();
        builder.Services.AddHostedService<UnsettledSalaries>();
    }
}
