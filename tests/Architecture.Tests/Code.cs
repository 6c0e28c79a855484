using System.Reflection;
using Mono.Cecil;
using Mono.Cecil.Cil;

namespace BackendGuide.Architecture.Tests;

/// <summary>An assembly as its compiled code says: what it refers to, what it calls, and each text that it has.</summary>
internal sealed class Code : IDisposable
{
    private readonly ModuleDefinition _module;

    private Code(Assembly assembly)
    {
        Assembly = assembly;
        _module = ModuleDefinition.ReadModule(assembly.Location);
    }

    public Assembly Assembly { get; }

    public string Name => Assembly.GetName().Name!;

    public static Code Of(string assembly) => new(Assembly.Load(assembly));

    public static Code Of(Assembly assembly) => new(assembly);

    /// <summary>The assemblies that it refers to.</summary>
    public IEnumerable<string> References => _module.AssemblyReferences.Select(reference => reference.Name);

    /// <summary>The types that are written in it, each by the full name of the outermost one, where a namespace's folder shows it.</summary>
    public IEnumerable<(string Type, Instruction Instruction)> Instructions =>
        from type in _module.GetTypes()
        from method in type.Methods
        where method.HasBody
        from instruction in method.Body.Instructions
        select (Outermost(type).FullName, instruction);

    /// <summary>Every text, and who has it. A constant is found where it is used.</summary>
    public IEnumerable<(string Type, string Text)> Texts =>
        from at in Instructions
        where at.Instruction.OpCode == OpCodes.Ldstr
        select (at.Type, (string)at.Instruction.Operand);

    /// <summary>Every method that is called, as <c>Namespace.Type::Method</c>, and by whom.</summary>
    public IEnumerable<(string Type, string Called)> Calls =>
        from at in Instructions
        where at.Instruction.Operand is MethodReference
        let method = (MethodReference)at.Instruction.Operand
        select (at.Type, $"{method.DeclaringType.GetElementType().FullName}::{method.Name}");

    public void Dispose() => _module.Dispose();

    private static TypeDefinition Outermost(TypeDefinition type) => type.DeclaringType is null ? type : Outermost(type.DeclaringType);
}
