using System.Globalization;
using System.Text;

namespace DriftMonitor.Worker.Tests.CrashProof;

/// <summary>A prediction as the test makes it: all integers, so that what must come out is exact.</summary>
/// <param name="Id">Its number, by which it is found again in the topic.</param>
/// <param name="Model">The model.</param>
/// <param name="Segment">The segment, null for none.</param>
/// <param name="EventMs">The event time.</param>
/// <param name="Shares">Each class's probability in units of 1/1024; they sum to 1024. Null for a record that is no prediction.</param>
internal sealed record TestEvent(int Id, string Model, string? Segment, long EventMs, int[]? Shares)
{
    /// <summary>Shares of one.</summary>
    public const int Whole = 1024;

    public byte[] ToJson()
    {
        if (Shares is null)
        {
            return "{\"model\":"u8.ToArray();
        }

        var segment = Segment is null ? "" : $"\"segment\":\"{Segment}\",";
        var probabilities = string.Join(',', Shares.Select(share => (share / (double)Whole).ToString(CultureInfo.InvariantCulture)));
        var output = Model == RandomTraffic.PolicyModel
            ? $"\"policy\":{{\"current\":[{probabilities}],\"reference\":[0.75,0.25]}}"
            : $"\"probs\":[{probabilities}]";
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"{{\"model\":\"{Model}\",\"id\":\"{Id}\",\"ts\":{EventMs},{segment}{output}}}"));
    }
}
