using BackendGuide.Testing;

[assembly: AssemblyFixture(typeof(ServersFixture))]
