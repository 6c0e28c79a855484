namespace BackendGuide.ServiceDefaults.Documentation;

/// <summary>The name of a record in the API's document, where its own is taken: two services may have records of one name.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class SchemaNameAttribute(string name) : Attribute
{
    /// <summary>The name.</summary>
    public string Name => name;
}
