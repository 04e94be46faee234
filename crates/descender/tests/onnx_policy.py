"""Checks a policy's ONNX model with the package onnx, and runs it with onnxruntime beside its JSON document.

    python onnx_policy.py MODEL.onnx DOCUMENT.json
"""

import json
import sys

import numpy
import onnx
import onnxruntime
from onnx.reference import ReferenceEvaluator


def main():
    path, document = sys.argv[1:]
    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    document = json.loads(open(document).read())
    described = {entry.key: json.loads(entry.value) for entry in model.metadata_props}
    assert described == {"descender.controller": document["controller"]}
    first = numpy.array(document["layers"][0]["weight"])
    features = numpy.random.default_rng(0).normal(size=(3, first.shape[0])).astype(numpy.float32)
    values = features.astype(float)
    for layer in document["layers"]:
        assert layer["kind"] == "linear"
        values = values @ numpy.array(layer["weight"]) + numpy.array(layer["bias"])
    expected = numpy.tanh(values)
    session = onnxruntime.InferenceSession(path)
    for found in [session.run(None, {"features": features}), ReferenceEvaluator(model).run(None, {"features": features})]:
        difference = abs(found[0] - expected).max()
        assert difference < 1e-5, difference
    print("onnx, onnxruntime and the document agree")


if __name__ == "__main__":
    main()
