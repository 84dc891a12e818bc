namespace DriftMonitor.Worker.References;

/// <summary>What tells, without reading a file, that it may have changed. Links are followed.</summary>
/// <param name="Target">Where the file is in the end; for a link also where its target's directory leads to, as a ConfigMap's does.</param>
/// <param name="Created">When it was made: another file that was moved in its place has another.</param>
internal readonly record struct FileStamp(string Target, long Length, DateTime Written, DateTime Created)
{
    /// <summary>Looks a file up, and never opens it.</summary>
    /// <exception cref="IOException">It is no regular file with something in it, larger than a snapshot may be, or not there.</exception>
    public static FileStamp Of(string path)
    {
        FileSystemInfo named = new FileInfo(path);
        var target = named.LinkTarget is null ? named : named.ResolveLinkTarget(returnFinalTarget: true);
        if (target is not FileInfo { Exists: true } file)
        {
            var isNoText = named.LinkTarget is null && path.Contains('\ufffd', StringComparison.Ordinal);
            throw new FileNotFoundException(isNoText ? "its name is not UTF-8" : "there is no such file");
        }

        if (file.Length == 0) // so are pipes, devices and sockets, which would be waited for or never end
        {
            throw new IOException("it is empty, or no regular file");
        }

        if (file.Length > ReferenceFile.MaxBytes)
        {
            throw new IOException(ReferenceFile.TooLarge);
        }

        var through = named == target ? null : Directory.ResolveLinkTarget(file.DirectoryName!, returnFinalTarget: false)?.FullName;
        return new FileStamp($"{file.FullName}\0{through}", file.Length, file.LastWriteTimeUtc, file.CreationTimeUtc);
    }
}
