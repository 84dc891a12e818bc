"""The model's scenarios for the mirror in C#: counts a minute, and what the rule decides. python3 scenarios.py > scenarios.json, then gzip -9n."""
import base64, json
import numpy as np
import alarm_model as am, alarm_runs as runs
a = json.load(open("thresholds.json")); out = {"thresholds": a, "scenarios": []}
for name, late in [(name, 0) for name in runs.S] + [("2 one hour, large", 3), ("4 small step, 2 d", 3)]:
    for seed in [2 if name.startswith("9b") else 0]:                     # the stream whose second alarm is explained, and then grows
        st, truth = runs.behind(name, seed, a, late); events = am.Corrected(st).run().events
        assert st.x.max() < 256
        out["scenarios"].append({"name": name + (f", {late} min late" if late else ""), "seed": seed, "late": late, "q": list(st.q), "truth": truth, "events": events,
                                 "counts": base64.b64encode(st.x.astype(np.uint8).tobytes()).decode()})
print(json.dumps(out))
