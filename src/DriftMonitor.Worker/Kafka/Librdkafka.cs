using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace DriftMonitor.Worker.Kafka;

/// <summary>The native library that Confluent.Kafka loaded, and its functions for checking a configuration.</summary>
/// <remarks>
/// Confluent.Kafka brings several builds and takes the first whose dependencies the machine can meet, so its name cannot be known
/// beforehand: it is looked up among the modules of this process.
/// </remarks>
internal static partial class Librdkafka
{
    public const string Name = "librdkafka";

    private static readonly Lazy<nint> Loaded = new(LoadedByConfluent);

    /// <summary>What its functions are called in, by whatever assembly.</summary>
    internal static nint Handle => Loaded.Value;

    static Librdkafka() => NativeLibrary.SetDllImportResolver(
        typeof(Librdkafka).Assembly, static (name, _, _) => name == Name ? Loaded.Value : 0);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_new"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial nint ConfigurationNew();

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_destroy"), UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial void ConfigurationDestroy(nint configuration);

    [LibraryImport(Name, EntryPoint = "rd_kafka_conf_set", StringMarshalling = StringMarshalling.Utf8)]
    [UnmanagedCallConv(CallConvs = [typeof(CallConvCdecl)])]
    internal static partial int ConfigurationSet(nint configuration, string name, string value, Span<byte> error, nuint errorSize);

    private static nint LoadedByConfluent()
    {
        Library.Load();
        using var process = Process.GetCurrentProcess();
        // "librdkafka." leaves out librdkafkacpp, which stands beside it on Windows.
        var path = process.Modules.Cast<ProcessModule>()
            .Select(module => module.FileName)
            .FirstOrDefault(file => Path.GetFileName(file).Contains("librdkafka.", StringComparison.OrdinalIgnoreCase));

        // macOS does not list its modules; there is only one build for it, so the name settles it.
        return path is not null
            ? NativeLibrary.Load(path)
            : NativeLibrary.Load(Name, typeof(Library).Assembly, searchPath: null);
    }
}
