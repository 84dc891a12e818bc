using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;

namespace DriftMonitor.Worker.Tests.Packages;

/// <summary>
/// An image that stands in for the official one of ASP.NET: the runtime of this machine, the few libraries that it needs, and no shell.
/// </summary>
internal sealed class BaseImage
{
    public const string User = "1654";

    private const UnixFileMode Executable = (UnixFileMode)0b111_101_101;
    private const string Runtime = "usr/share/dotnet"; // where a program looks for it by itself

    /// <summary>What the packages of the official image bring: libc6, libgcc-s1, libstdc++6 and libssl3.</summary>
    private static readonly string[] Libraries =
    [
        "ld-linux-*.so.?", "libc.so.6", "libdl.so.2", "libm.so.6", "libpthread.so.0", "librt.so.1", "libgcc_s.so.1", "libstdc++.so.6",
        "libssl.so.3", "libcrypto.so.3",
    ];

    private BaseImage(byte[] tar)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
        {
            gzip.Write(tar);
        }

        Layer = packed.ToArray();
        Configuration = JsonSerializer.SerializeToUtf8Bytes(new
        {
            architecture = RuntimeInformation.ProcessArchitecture == Architecture.Arm64 ? "arm64" : "amd64",
            os = "linux",
            config = new
            {
                User,
                Env = new[]
                {
                    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", $"APP_UID={User}", "ASPNETCORE_HTTP_PORTS=8080",
                    "DOTNET_RUNNING_IN_CONTAINER=true",
                },
            },
            rootfs = new { type = "layers", diff_ids = new[] { Digest(tar) } },
            history = Array.Empty<object>(),
        });
        Manifest = JsonSerializer.SerializeToUtf8Bytes(new
        {
            schemaVersion = 2,
            mediaType = ManifestType,
            config = new
            {
                mediaType = "application/vnd.docker.container.image.v1+json",
                size = Configuration.Length,
                digest = Digest(Configuration),
            },
            layers = new[]
            {
                new { mediaType = "application/vnd.docker.image.rootfs.diff.tar.gzip", size = Layer.Length, digest = Digest(Layer) },
            },
        });
    }

    public static string ManifestType => "application/vnd.docker.distribution.manifest.v2+json";

    public byte[] Layer { get; }

    public byte[] Configuration { get; }

    public byte[] Manifest { get; }

    public static BaseImage Create()
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var directory in new[] { "dev", "etc", "proc", "tmp" })
            {
                tar.WriteEntry(new PaxTarEntry(TarEntryType.Directory, directory) { Mode = Executable });
            }

            var framework = Path.GetDirectoryName(typeof(object).Assembly.Location)!; // …/shared/Microsoft.NETCore.App/10.0.1
            var web = Path.GetDirectoryName(typeof(Microsoft.AspNetCore.Http.HttpContext).Assembly.Location)!;
            var root = Path.GetFullPath("../../..", framework);
            foreach (var directory in new[] { framework, web, Path.Combine(root, "host", "fxr", Path.GetFileName(framework)) })
            {
                foreach (var file in Directory.GetFiles(directory, "*", SearchOption.AllDirectories))
                {
                    Add(tar, file, Path.Combine(Runtime, Path.GetRelativePath(root, file)));
                }
            }

            var system = Path.GetDirectoryName(NativeLibraryOf("libc.so.6"))!;
            foreach (var library in Libraries.SelectMany(name => Directory.GetFiles(system, name)))
            {
                Add(tar, library, library[1..]);
            }

            foreach (var loader in Directory.GetFiles(system, "ld-linux-*"))
            {
                var directory = loader.Contains("x86-64", StringComparison.Ordinal) ? "lib64" : "lib"; // by the name in each program
                Add(tar, loader, Path.Combine(directory, Path.GetFileName(loader)));
            }
        }

        return new BaseImage(bytes.ToArray());
    }

    public static string Digest(byte[] bytes) => $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}";

    /// <summary>Where this process has loaded a library from.</summary>
    private static string NativeLibraryOf(string name) => File.ReadLines("/proc/self/maps")
        .Select(line => line[(line.LastIndexOf(' ') + 1)..])
        .First(path => Path.GetFileName(path) == name);

    private static void Add(TarWriter tar, string file, string path)
    {
        using var content = File.OpenRead(file);
        tar.WriteEntry(new PaxTarEntry(TarEntryType.RegularFile, path) { DataStream = content, Mode = Executable });
    }
}
