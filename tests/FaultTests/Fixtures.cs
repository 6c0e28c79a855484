using BackendGuide.FaultTests.Episodes;
using BackendGuide.Testing;
using Xunit.Sdk;
using Xunit.v3;

[assembly: Parallelization(Mode = ParallelMode.None)] // the episodes share one system, and its load would be another test's slow machine

namespace BackendGuide.FaultTests;

/// <summary>
/// Those tests that need servers and not the system: the two take turns, for both at once would be more than a test module's share.
/// </summary>
[CollectionDefinition("servers")]
public sealed class ServersCollection : ICollectionFixture<ServersFixture>;

/// <summary>Those that hurt the running system: it is started once for all of them.</summary>
[CollectionDefinition("system")]
public sealed class SystemCollection : ICollectionFixture<FaultRun>;
