using Xunit.Sdk;
using Xunit.v3;

[assembly: Parallelization(Mode = ParallelMode.None)] // the episodes share one system, and its load would be another test's slow machine
