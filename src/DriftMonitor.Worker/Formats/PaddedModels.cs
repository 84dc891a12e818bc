namespace DriftMonitor.Worker.Formats;

/// <summary>Which models' responses are padded to a common length, as far as that can be seen. Not safe for concurrent use.</summary>
/// <remarks>
/// Of responses that are padded the longest are not: what they say is true of the longest only. So where more than a tenth of a model's
/// latest responses look padded, none of those without a mask or a length counts.
/// </remarks>
internal sealed class PaddedModels
{
    private const int Latest = 1_000;
    private const int MostModels = 1_000; // of more the memory is begun anew

    private readonly Dictionary<string, Responses> _models = new(StringComparer.Ordinal);

    /// <summary>Takes note of a response without a mask or a length.</summary>
    /// <param name="model">The model's name; it need not be admitted.</param>
    /// <param name="looksPadded">Whether it begins or ends with a filler.</param>
    /// <returns>Whether it is to be refused.</returns>
    public bool Refuses(ReadOnlySpan<char> model, bool looksPadded)
    {
        var byName = _models.GetAlternateLookup<ReadOnlySpan<char>>();
        if (!byName.TryGetValue(model, out var responses))
        {
            if (_models.Count == MostModels)
            {
                _models.Clear();
            }

            byName[model] = responses = new Responses();
        }

        if (++responses.Seen > Latest)
        {
            (responses.Seen, responses.Padded) = (responses.Seen / 2, responses.Padded / 2);
        }

        responses.Padded += looksPadded ? 1 : 0;
        return looksPadded || 10 * responses.Padded > responses.Seen;
    }

    private sealed class Responses
    {
        public int Seen { get; set; }

        public int Padded { get; set; }
    }
}
