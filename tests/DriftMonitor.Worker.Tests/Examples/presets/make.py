#!/usr/bin/env python3
"""Writes the examples of the presets beside this file, and what the monitor must say of them, worked out here and not by it.

For each preset: NAME.source.json (one of `Sources`), NAME.reference.jsonl and NAME.jsonl (a payload a line; for payloads that are
not text a line {"headers": {...}, "base64": "..."}), and in expected.json the predictions, KL(live || reference) and the entropy of the
live predictions' mean, in nats.
"""
import base64, json, math, pathlib, random, struct

here = pathlib.Path(__file__).parent
random.seed(20261128)
START_MS = 1_767_225_600_000
CLASSES, RECORDS = 3, 12
MODEL = "the preset's name"
expected = {}
model = ""


def simplex(weights):
    """Sixteenth parts of one, each class at least one of them: exact in binary and in decimal."""
    counts = [1] * len(weights)
    for k in random.choices(range(len(weights)), weights, k=16 - len(weights)):
        counts[k] += 1
    return [count / 16 for count in counts]


def mean(rows):
    return [math.fsum(column) / len(rows) for column in zip(*rows)]


def write(name, source, record):
    """record(stem, number, rows) gives the lines of one call; rows are two distributions."""
    global model
    model = name
    source = {key: name if value == MODEL else value for key, value in source.items()}
    means = {}
    for stem, weights in ((f"{name}.reference", (5, 3, 2)), (name, (2, 3, 5))):
        lines, rows = [], []
        for number in range(RECORDS):
            two = [simplex(weights), simplex(weights)]
            made, counted = record(number, two)
            lines += made
            rows += counted
        (here / f"{stem}.jsonl").write_text("".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines))
        means[stem] = (mean(rows), len(rows))
    (here / f"{name}.source.json").write_text(json.dumps(source, indent=2) + "\n")
    (q, _), (p, events) = means.values()
    expected[name] = {
        "events": events,
        "kl": math.fsum(a * math.log(a / b) for a, b in zip(p, q)),
        "entropy": -math.fsum(a * math.log(a) for a in p),
    }


def cloud_event(kind, number, component, data):
    return {"specversion": "1.0", "id": str(number), "type": f"org.kubeflow.serving.inference.{kind}", "source": "http://localhost:9081/",
            "time": "2026-01-01T00:00:00.5Z", "inferenceservicename": model, "component": component, "datacontenttype": "application/json",
            "data": data}


def kserve_v1(number, rows):
    plain = {"predictions": rows}
    return [cloud_event("request", number, "predictor", {"instances": [[6.1, 2.8], [5.9, 3.0]]}),
            cloud_event("response", number, "predictor", plain), cloud_event("response", number, "transformer", plain)], rows


def v2(number, rows, **more):
    return {"model_name": model, "model_version": "1", "id": f"r{number}", **more, "outputs": [
        {"name": "predict_proba", "shape": [len(rows), CLASSES], "datatype": "FP64", "data": [p for row in rows for p in row]}]}


def kserve_v2_logger(number, rows):
    request = {"inputs": [{"name": "x", "shape": [2, 2], "datatype": "FP64", "data": [1, 2, 3, 4]}]}
    return [cloud_event("request", number, "predictor", request), cloud_event("response", number, "predictor", v2(number, rows))], rows


def mlserver(number, rows):
    body = v2(number, rows, parameters={})
    labels = [row.index(max(row)) for row in rows]
    body["outputs"].insert(0, {"name": "predict", "shape": [2, 1], "datatype": "INT64", "data": labels})
    return [body], rows


def triton_http(number, rows):
    raw = b"".join(struct.pack("<3f", *row) for row in rows)
    head = json.dumps({"model_name": model, "id": f"r{number}", "outputs": [
        {"name": "p", "datatype": "FP32", "shape": [2, CLASSES], "parameters": {"binary_data_size": len(raw)}}]}).encode()
    return [{"headers": {"Inference-Header-Content-Length": str(len(head))}, "base64": base64.b64encode(head + raw).decode()}], rows


def field(number, value):
    """A field of a protobuf message that has a length, or a varint."""
    def varint(n):
        out = b""
        while n > 127:
            out, n = out + bytes([n & 127 | 128]), n >> 7
        return out + bytes([n])
    return varint(number << 3) + varint(value) if isinstance(value, int) else varint(number << 3 | 2) + varint(len(value)) + value


def infer_response(number, rows):
    tensor = field(1, b"p") + field(2, b"FP32") + field(3, 2) + field(3, CLASSES)
    raw = b"".join(struct.pack("<3f", *row) for row in rows)
    body = field(1, model.encode()) + field(3, f"r{number}".encode()) + field(5, tensor) + field(6, raw)
    return [{"headers": {}, "base64": base64.b64encode(body).decode()}], rows


def torchserve(number, rows):
    names = ["tabby", "lynx"]
    return [dict(sorted(zip(names, row), key=lambda pair: -pair[1])) for row in rows], rows


def sagemaker(number, rows):
    lines = []
    for i, row in enumerate(rows):
        text = ",".join(map(str, row)) + "\n"
        encoded = base64.b64encode(text.encode()).decode()
        lines.append({"captureData": {
            "endpointInput": {"observedContentType": "text/csv", "mode": "INPUT", "data": "0.5,0.3,12", "encoding": "CSV"},
            "endpointOutput": {"observedContentType": "text/csv", "mode": "OUTPUT", "data": encoded if i else text,
                               "encoding": "BASE64" if i else "CSV"}},
            "eventMetadata": {"eventId": f"e{number}-{i}", "inferenceTime": "2026-01-01T00:00:00Z"}, "eventVersion": "0"})
    return lines, rows


def inference_table(number, rows):
    row = {"databricks_request_id": f"d{number}", "client_request_id": None, "date": "2026-01-01", "timestamp_ms": START_MS + number,
           "execution_time_ms": 8, "request": json.dumps({"inputs": [[1, 2], [3, 4]]})}
    return [row | {"status_code": 200, "response": json.dumps({"predictions": rows})},
            row | {"status_code": 400, "response": json.dumps({"error_code": "BAD_REQUEST"})}], rows


def chat(number, rows):
    def position(row):
        # the third class is what the two tokens that are told leave over
        top = [{"token": token, "logprob": math.log(p), "bytes": list(token.encode())} for token, p in zip((" yes", " no"), row)]
        return top[0] | {"top_logprobs": top}
    return [{"id": f"chatcmpl-{number}", "object": "chat.completion", "created": START_MS // 1000, "model": model, "choices": [
        {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": "…"},
         "logprobs": {"content": [position(row) for row in rows]}}]}], [mean(rows)]


write("kserve-v1", {"Format": "kserve-v1"}, kserve_v1)
write("kserve-v2-logger", {"Format": "kserve-v2-logger"}, kserve_v2_logger)
write("mlserver", {"Format": "kserve-v2/predict_proba"}, mlserver)
write("triton-http", {"Format": "kserve-v2"}, triton_http)
write("model-infer-response", {"Format": "kserve-v2-grpc"}, infer_response)
write("torchserve", {"Format": "torchserve", "Model": MODEL}, torchserve)
write("tf-serving", {"Format": "tf-serving", "Model": MODEL}, lambda number, rows: ([{"predictions": rows}], rows))
write("sagemaker-capture", {"Format": "sagemaker-capture", "Model": MODEL,
                            "Rows": "/captureData/endpointOutput/data//", "Map": {"probs": ""}}, sagemaker)
write("inference-table", {"Format": "inference-table", "Model": MODEL}, inference_table)
write("openai-chat", {"Format": "openai-chat"}, chat)
(here / "expected.json").write_text(json.dumps(expected, indent=2) + "\n")
