using DriftMonitor.Alarms;
using DriftMonitor.Worker.Pages.Phrases;

namespace DriftMonitor.Worker.Tests.Pages.Phrases;

/// <summary>Durations, counts, states and addresses as pages have them.</summary>
public sealed class TextTests
{
    [Theory]
    [InlineData(-5, "0 s")]
    [InlineData(59_999, "59 s")]
    [InlineData(60_000, "1 min")]
    [InlineData(3_599_999, "59 min")]
    [InlineData(3_600_000, "1 h")]
    [InlineData(12_780_000, "3 h 33 min")]
    [InlineData(86_400_000, "1 d")]
    [InlineData(187_200_000, "2 d 4 h")]
    public void A_duration_has_its_two_largest_units(long ms, string text) => Assert.Equal(text, SpanText.Of(ms));

    [Theory]
    [InlineData(1_000_000, 1_060_000, "1 min ago")]
    [InlineData(1_060_000, 1_000_000, "in 1 min")]
    public void A_time_is_seen_from_now(long at, long now, string text) => Assert.Equal(text, SpanText.FromNow(at, now));

    [Theory]
    [InlineData(0.2412, 0.0712, "3.4 ×")]
    [InlineData(71.2, 0.0712, "1,000 ×")]
    [InlineData(0.1, 0, "–")]
    [InlineData(double.NaN, 1, "–")]
    public void A_value_is_so_many_times_its_threshold(double value, double threshold, string text) =>
        Assert.Equal(text, CountText.Times(value, threshold));

    [Fact]
    public void Every_state_has_words_and_what_to_do_where_a_drift_would_not_be_seen() =>
        Assert.All(
            Enum.GetValues<ModelState>(),
            state => Assert.Equal(StateText.NeedsSomebody(state), StateText.Of(state).WhatToDo is not null));

    [Fact]
    public void Names_are_escaped_in_addresses() => Assert.Equal(
        "model?model=org%2Fmodel%3Atag%26x%3D1%23%22%3C%0A&window=5m", PageLink.Model("org/model:tag&x=1#\"<\n", "5m"));

    [Fact]
    public void An_address_of_an_alarm_names_it_alone() => Assert.Equal(
        "alarm?model=digits-lr&segment=_all&window=5m&kind=output_drift&severity=critical&began_ms=1796002440000",
        PageLink.Alarm(PageData.Alarm));

    [Fact]
    public void Ids_of_hostile_names_are_ids() =>
        Assert.All(PageData.HostileNames, name => Assert.Matches("^of-[0-9a-f]{12}$", Anchor.Of(name, null)));
}
