"""Models as one ONNX file: fingerprints (N, 64) float32 in, probabilities of flaws and a correction out.

What a host needs to know lies in the file's metadata as JSON: schema version, names of the features, classes,
calibration, templates.
"""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType

from jobs.nets.diagnoser import CORRECTION, FLAWS, INPUT, KEY

OPSET = {"": 17, "ai.onnx.ml": 3}


def joined(classifier: Any, regressor: Any, features: int, told: Mapping[str, Any]) -> bytes:
    """Both models over one input, as the bytes of a file."""
    parts = [
        (
            _converted(classifier, features, {"zipmap": False}),
            "probabilities",
            FLAWS,
            len(classifier.classes_),
        )
    ]
    if regressor is not None:
        parts.append((_converted(regressor, features), "variable", CORRECTION, regressor.n_outputs_))
    nodes, initializers, outputs = [], [], []
    for graph, result, name, width in parts:
        renamed = {graph.input[0].name: INPUT, result: name}
        for node in graph.node:
            copy = onnx.NodeProto()
            copy.CopyFrom(node)
            copy.name = f"{name}/{node.name}"
            copy.input[:] = [renamed.get(one, f"{name}/{one}") if one else one for one in node.input]
            copy.output[:] = [renamed.get(one, f"{name}/{one}") for one in node.output]
            nodes.append(copy)
        for value in graph.initializer:
            copied = onnx.TensorProto()
            copied.CopyFrom(value)
            copied.name = f"{name}/{value.name}"
            initializers.append(copied)
        # The converter declares (N, 1) whatever the number of outputs, and the runtime warns at every call.
        outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, width]))
    given = helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, [None, features])
    graph = helper.make_graph(nodes, "diagnosis", [given], outputs, initializers)
    imports = [helper.make_opsetid(domain, version) for domain, version in OPSET.items()]
    model = helper.make_model(graph, opset_imports=imports, producer_name=KEY, ir_version=8)
    helper.set_model_props(model, {KEY: json.dumps(told, allow_nan=False)})
    onnx.checker.check_model(model)
    return model.SerializeToString()


def _converted(model: Any, features: int, options: dict[str, Any] | None = None) -> onnx.GraphProto:
    shape = [("input", FloatTensorType([None, features]))]
    converted = to_onnx(
        model, initial_types=shape, options={id(model): options} if options else None, target_opset=OPSET
    )
    return converted.graph


def parity(classifier: Any, regressor: Any, features: np.ndarray, run: Any) -> float:
    """Largest difference between what ``run(features)`` gives and the models themselves."""
    probabilities, correction = run(features)
    worst = float(np.abs(probabilities - classifier.predict_proba(features)).max())
    if regressor is not None:
        worst = max(worst, float(np.abs(correction - regressor.predict(features)).max()))
    return worst
