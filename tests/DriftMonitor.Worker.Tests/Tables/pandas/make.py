# Makes predictions.csv, .jsonl and .parquet in this folder, of the same rows. See README.md.
import json
import random
import sys

import pandas as pd

random.seed(4)
rows = []
for number in range(240):
    weights = [random.random() + (5 if number % 3 == k else 0) for k in range(3)]
    probs = [weight / sum(weights) for weight in weights]
    rows.append({
        "model": "iris", "id": f"{number:05}", "ts": pd.Timestamp("2026-01-01") + pd.Timedelta(microseconds=7_123_457 * number),
        "segment": None if number % 4 == 0 else ["café", "a \"b\", c"][number % 2], "probs": probs, "p": probs[0],
        "amount": float("nan") if number % 10 == 0 else random.gauss(0, 1e-3), "visits": number % 7, "paid": number % 5 == 0})
frame = pd.DataFrame(rows).astype({"model": "category"})
frame.to_csv("predictions.csv", index=False)

frame["ts"] = (frame["ts"] - pd.Timestamp(0, tz=frame["ts"].dt.tz)) // pd.Timedelta(milliseconds=1)
with open("predictions.jsonl", "w", encoding="utf-8") as lines:
    for row in frame.to_dict("records"):
        row = {name: value.tolist() if hasattr(value, "tolist") else value for name, value in row.items()}
        lines.write(json.dumps({n: v for n, v in row.items() if isinstance(v, (list, dict)) or pd.notna(v)}) + "\n")

if "parquet" in sys.argv:
    pd.DataFrame(rows).astype({"model": "category"}).to_parquet("predictions.parquet", index=False, row_group_size=100)
