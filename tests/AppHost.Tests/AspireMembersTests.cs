using System.Collections.Immutable;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace BackendGuide.AppHost.Tests;

/// <summary>What the page needs of Aspire. A change here is to be tried against Aspire's own packages.</summary>
public sealed class AspireMembersTests
{
    private static readonly string[] Expected =
    [
        "DistributedApplication.CreateBuilder(String[])",
        "DistributedApplication.RunAsync(CancellationToken)",
        "IDistributedApplicationBuilder.Build()",
        "IResourceBuilder<ProjectResource>.get_Resource()",
        "ParameterResourceBuilderExtensions.AddParameter(IDistributedApplicationBuilder, String, String, Boolean, Boolean)",
        "PostgresBuilderExtensions.AddDatabase(IResourceBuilder<PostgresServerResource>, String, String)",
        "PostgresBuilderExtensions.AddPostgres(IDistributedApplicationBuilder, String, IResourceBuilder<ParameterResource>, "
            + "IResourceBuilder<ParameterResource>, Nullable<Int32>)",
        "PostgresBuilderExtensions.WithDataVolume(IResourceBuilder<PostgresServerResource>, String, Boolean)",
        "ProjectResourceBuilderExtensions.AddProject<>(IDistributedApplicationBuilder, String)",
        "ProjectResourceBuilderExtensions.WithReplicas(IResourceBuilder<ProjectResource>, Int32)",
        "RabbitMQBuilderExtensions.AddRabbitMQ(IDistributedApplicationBuilder, String, IResourceBuilder<ParameterResource>, "
            + "IResourceBuilder<ParameterResource>, Nullable<Int32>)",
        "RabbitMQBuilderExtensions.WithDataVolume(IResourceBuilder<RabbitMQServerResource>, String, Boolean)",
        "RedisBuilderExtensions.AddRedis(IDistributedApplicationBuilder, String, Nullable<Int32>, IResourceBuilder<ParameterResource>)",
        "Resource.get_Name()",
        "ResourceBuilderExtensions.WaitFor<>(IResourceBuilder<T>, IResourceBuilder<IResource>)",
        "ResourceBuilderExtensions.WithEnvironment<>(IResourceBuilder<T>, String, IResourceBuilder<ParameterResource>)",
        "ResourceBuilderExtensions.WithEnvironment<>(IResourceBuilder<T>, String, String)",
        "ResourceBuilderExtensions.WithExternalHttpEndpoints<>(IResourceBuilder<T>)",
        "ResourceBuilderExtensions.WithHttpEndpoint<>(IResourceBuilder<T>, Nullable<Int32>, Nullable<Int32>, String, String, Boolean)",
        "ResourceBuilderExtensions.WithHttpHealthCheck<>(IResourceBuilder<T>, String, Nullable<Int32>, String)",
        "ResourceBuilderExtensions.WithReference<>(IResourceBuilder<T>, IResourceBuilder<IResourceWithConnectionString>, String, Boolean)",
        "ResourceBuilderExtensions.WithReference<>(IResourceBuilder<T>, IResourceBuilder<IResourceWithServiceDiscovery>)",
    ];

    [Fact]
    public void Page_compiled_uses_these_members_of_Aspire_and_no_other()
    {
        using var file = File.OpenRead(typeof(Launch).Assembly.Location);
        using var image = new PEReader(file);
        var metadata = image.GetMetadataReader();

        var used = metadata
            .MemberReferences.Select(metadata.GetMemberReference)
            .Where(member => member.GetKind() == MemberReferenceKind.Method && IsAspire(metadata, member.Parent))
            .Select(member => Describe(metadata, member))
            .Order(StringComparer.Ordinal);

        Assert.Equal(Expected, used);
    }

    private static bool IsAspire(MetadataReader metadata, EntityHandle parent) =>
        parent.Kind switch
        {
            HandleKind.TypeReference => metadata
                .GetString(metadata.GetTypeReference((TypeReferenceHandle)parent).Namespace)
                .StartsWith("Aspire.Hosting", StringComparison.Ordinal),
            // The only generic type among them.
            HandleKind.TypeSpecification => NameOf(metadata, parent).StartsWith("IResourceBuilder<", StringComparison.Ordinal),
            _ => false,
        };

    private static string NameOf(MetadataReader metadata, EntityHandle type) =>
        type.Kind == HandleKind.TypeSpecification
            ? metadata.GetTypeSpecification((TypeSpecificationHandle)type).DecodeSignature(new Names(), genericContext: null)
            : metadata.GetString(metadata.GetTypeReference((TypeReferenceHandle)type).Name);

    private static string Describe(MetadataReader metadata, MemberReference member)
    {
        var type = NameOf(metadata, member.Parent);
        var signature = member.DecodeMethodSignature(new Names(), genericContext: null);
        var generic = signature.GenericParameterCount > 0 ? "<>" : "";
        return $"{type}.{metadata.GetString(member.Name)}{generic}({string.Join(", ", signature.ParameterTypes)})";
    }

    /// <summary>Types by their short names.</summary>
    private sealed class Names : ISignatureTypeProvider<string, object?>
    {
        public string GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeReference(handle).Name).Split('`')[0];

        public string GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind) =>
            reader.GetString(reader.GetTypeDefinition(handle).Name).Split('`')[0];

        public string GetTypeFromSpecification(
            MetadataReader reader,
            object? genericContext,
            TypeSpecificationHandle handle,
            byte rawTypeKind
        ) => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public string GetGenericInstantiation(string genericType, ImmutableArray<string> typeArguments) =>
            $"{genericType}<{string.Join(", ", typeArguments)}>";

        public string GetPrimitiveType(PrimitiveTypeCode typeCode) => typeCode.ToString();

        public string GetSZArrayType(string elementType) => $"{elementType}[]";

        public string GetArrayType(string elementType, ArrayShape shape) => $"{elementType}[,]";

        public string GetByReferenceType(string elementType) => $"{elementType}&";

        public string GetPointerType(string elementType) => $"{elementType}*";

        public string GetPinnedType(string elementType) => elementType;

        public string GetModifiedType(string modifier, string unmodifiedType, bool isRequired) => unmodifiedType;

        public string GetFunctionPointerType(MethodSignature<string> signature) => "function";

        public string GetGenericMethodParameter(object? genericContext, int index) => "T";

        public string GetGenericTypeParameter(object? genericContext, int index) => "T";
    }
}
