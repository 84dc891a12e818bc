namespace DriftMonitor.Worker.Http;

/// <summary>An alarm with its explanation as a JSON object. Times are epoch milliseconds, divergences and losses nats; undefined numbers are null.</summary>
internal static class AlarmJson
{
    public static void Write(Utf8JsonWriter json, AlarmExplanation explanation)
    {
        var alarm = explanation.Alarm;
        json.WriteStartObject();
        json.WriteString("model", alarm.Series.Model);
        json.WriteString("segment", alarm.Series.Segment);
        json.WriteString("kind", SnakeCaseName.Of(alarm.Kind));
        json.WriteString("severity", SnakeCaseName.Of(alarm.Severity));
        json.WriteNumber("began", alarm.BeganMs);
        Number(json, "ended", alarm.EndedMs);
        json.WriteString("false_alarm_budget", explanation.Budget?.ToString());
        WriteReading(json, "first", alarm.First, alarm.FirstWindow.Name, alarm.BeganMs);
        WriteReading(json, "peak", alarm.Peak, alarm.PeakWindow.Name, alarm.PeakMs);
        json.WritePropertyName("now");
        Write(json, explanation.Now);
        if (explanation.Divergence is { } divergence)
        {
            json.WriteStartObject("divergence");
            WriteValue(json, divergence);
            json.WriteEndObject();
        }

        ReportJson.Number(json, "noise_floor", explanation.NoiseFloorNats);
        json.WriteString("reference_id", explanation.Report?.Reference?.Id);
        Number(json, "reference_version", explanation.Report?.Reference?.Version);
        WriteClasses(json, explanation);
        json.WriteStartArray("windows");
        foreach (var state in explanation.Windows)
        {
            Write(json, state);
        }

        json.WriteEndArray();
        json.WriteBoolean("all_traffic", explanation.Slices.IsEmpty);
        json.WriteStartArray("slices");
        foreach (var segment in explanation.Slices)
        {
            json.WriteStringValue(segment);
        }

        json.WriteEndArray();
        json.WriteStartArray("segments");
        foreach (var state in explanation.Segments)
        {
            Write(json, state);
        }

        json.WriteEndArray();
        WriteLabels(json, explanation.Labels);
        json.WriteEndObject();
    }

    private static void WriteReading(Utf8JsonWriter json, string name, Reading reading, string window, long toMs)
    {
        json.WriteStartObject(name);
        json.WriteString("window", window);
        json.WriteNumber("to", toMs);
        WriteValue(json, reading);
        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, Reading reading)
    {
        json.WriteString("measure", reading.Measure);
        ReportJson.Number(json, "nats", reading.Nats);
        ReportJson.Number(json, "threshold", reading.ThresholdNats);
    }

    private static void Write(Utf8JsonWriter json, WindowStanding? state)
    {
        if (state is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("segment", state.Series.Segment);
        json.WriteString("window", state.Window.Name);
        json.WriteNumber("to", state.ToMs);
        json.WriteBoolean("ready", state.Ready);
        json.WriteNumber("events", state.Events);
        json.WriteString("measure", state.Measure);
        ReportJson.Number(json, "nats", state.Nats);
        ReportJson.Number(json, "threshold", state.ThresholdNats);
        json.WriteBoolean("above", state.Above);
        if (state.Pace is { } pace)
        {
            json.WriteString("pace", SnakeCaseName.Of(pace));
        }

        if (state.AboveSinceMs is { } since)
        {
            json.WriteNumber("above_since", since);
        }

        json.WriteEndObject();
    }

    private static void WriteClasses(Utf8JsonWriter json, AlarmExplanation explanation)
    {
        json.WriteStartArray("classes");
        foreach (var contribution in explanation.Report?.Contributions ?? [])
        {
            json.WriteStartObject();
            json.WriteString("class", contribution.Class);
            ReportJson.Number(json, "contribution", contribution.Nats);
            ReportJson.Number(json, "live_share", contribution.LiveShare);
            ReportJson.Number(json, "reference_share", contribution.ReferenceShare);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteLabels(Utf8JsonWriter json, LabelEvidence labels)
    {
        json.WriteStartObject("labels");
        json.WriteString("verdict", SnakeCaseName.Of(labels.Verdict));
        json.WriteNumber("events", labels.Events);
        if (labels.Window is { } window)
        {
            json.WriteString("window", window.Name);
            json.WriteString("attribution", SnakeCaseName.Of(labels.Attribution));
            ReportJson.Number(json, "cross_entropy", labels.CrossEntropyNats);
            ReportJson.Number(json, "expected_cross_entropy", labels.ExpectedCrossEntropyNats);
            ReportJson.Number(json, "threshold", labels.ThresholdNats);
        }

        json.WriteEndObject();
    }

    private static void Number(Utf8JsonWriter json, string name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }
}
