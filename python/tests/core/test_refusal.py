"""What is no controller is refused with one line that says what it is and what was expected."""

from __future__ import annotations

import copy
import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import descender
from descender import Controller, ControllerFileError, SettingsError

from . import files

Change = Callable[[dict[str, Any]], object]


def refusal(data: bytes) -> str:
    """The message for these bytes, which is one line."""
    with pytest.raises(ControllerFileError) as caught:
        Controller.from_bytes(data)
    message = str(caught.value)
    assert message.isprintable(), repr(message)
    return message


def refusal_of(change: Change) -> str:
    """The message for the controller's description after a change, told when it is put together."""
    description = copy.deepcopy(files.description())
    change(description)
    with pytest.raises(descender.DescenderError) as caught:
        Controller.assemble(description, files.tensors())
    return str(caught.value)


def test_bytes_that_are_no_safetensors_file_are_refused() -> None:
    assert refusal(b"") == "the file is empty: expected a controller in a safetensors file"
    assert refusal(b"\1\2\3") == "truncated, or not a safetensors file: 3 bytes, expected 8"
    assert refusal(b"Descender is a trained hand on the rope").startswith("not a valid safetensors file: ")
    assert refusal(files.controller().to_bytes() + b"\0").startswith("not a valid safetensors file: ")


def test_every_truncation_is_called_one() -> None:
    data = files.controller().to_bytes()
    for length in range(1, len(data)):
        message = refusal(data[:length])
        assert message.startswith(f"truncated, or not a safetensors file: {length} bytes, expected "), message


def test_every_changed_byte_is_refused_or_makes_no_difference() -> None:
    controller = files.controller()
    data = controller.to_bytes()
    for place in range(len(data)):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        try:
            read = Controller.from_bytes(bytes(changed))
        except ControllerFileError:
            refusal(bytes(changed))
        else:
            assert read.description == controller.description
            for name, tensor in controller.tensors.items():
                np.testing.assert_array_equal(read.tensors[name], tensor)


def test_any_bytes_are_refused_and_make_no_other_error() -> None:
    generator = np.random.default_rng(1)
    for length in range(200):
        data = generator.integers(0, 256, length, dtype=np.uint8).tobytes()
        refusal(data)
        refusal(len(data).to_bytes(8, "little") + data)
        refusal((len(data) + 2).to_bytes(8, "little") + b"{" + data + b"}")
    deep = b"[" * 100_000
    refusal(len(deep).to_bytes(8, "little") + deep)


def test_a_safetensors_file_of_something_else_is_no_controller() -> None:
    message = refusal(files.with_header(lambda header: header.pop("__metadata__")))
    assert message == 'not a controller: the header\'s metadata has no "descender.controller"'


def test_another_version_is_named() -> None:
    entry = files.with_entry(lambda text: text.replace('"format_version":1', '"format_version":2'))
    assert refusal(entry) == "format version 2: this program reads version 1"
    # Whatever else a later version may have.
    later = files.with_entry(lambda _: '{"format_version": 7, "brain": []}')
    assert refusal(later) == "format version 7: this program reads version 1"


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["cannot be read"]),
        ("{}", ["missing field `format_version`"]),
        ("[1]", ["expected `{`"]),
        ('{"format_version": 1}', ["missing field `checksum`"]),
        ('{"format_version": 1, "checksum": "crc32:0"}', ["missing field `controller`"]),
        ('{"format_version": 1, "checksum": 3, "controller": {}}', ["checksum is no text"]),
        ('{"format_version": true, "checksum": "", "controller": {}}', ["format_version is no whole number"]),
        ('{"format_version": 1, "checksum": "", "controller": {}, "more": 1}', ["unknown field `more`"]),
        ('{"format_version": 1, "format_version": 1}', ["twice"]),
        ('{"format_version": 1, "checksum": "", "controller": {}} x', ["trailing"]),
        ('{"format_version": 1, "checksum": "", "controller": {}}', ['has no "features"']),
        ('{"format_version": 1, "checksum": "", "controller": 3}', ["the controller is 3: expected an object"]),
    ],
)
def test_a_broken_entry_is_told(text: str, parts: list[str]) -> None:
    message = refusal(files.with_entry(lambda _: text))
    for part in parts:
        assert part in message


def test_missing_unexpected_and_wrong_tensors_are_named() -> None:
    tensors = files.tensors()

    def refused(**changes: Any) -> str:
        changed = {name: value for name, value in {**tensors, **changes}.items() if value is not None}
        with pytest.raises(SettingsError) as caught:
            Controller.assemble(files.description(), changed)
        return str(caught.value)

    assert refused(**{"policy.2.bias": None}) == 'tensor "policy.2.bias" is missing'
    assert refused(**{"policy.1.bias": [0.0]}).startswith('unexpected tensor "policy.1.bias"')
    assert refused(**{"policy.2.bias": [0.0]}) == 'tensor "policy.2.bias" has shape [1]: expected [3]'
    assert (
        refused(**{"policy.2.bias": [0.0, np.nan, 0.0]})
        == 'entry 1 of tensor "policy.2.bias" is nan: expected finite numbers'
    )


def test_the_same_is_told_of_a_file() -> None:
    header, body = files.split(files.controller().to_bytes())
    last = max((name for name in header if name != "__metadata__"), key=lambda name: header[name]["data_offsets"][1])
    begin, _ = header[last]["data_offsets"]
    without = {name: entry for name, entry in header.items() if name != last}
    assert refusal(files.joined(without, body[:begin])) == f'tensor "{last}" is missing'
    renamed = {**without, "policy.9.bias": header[last]}
    assert refusal(files.joined(renamed, body)).startswith('unexpected tensor "policy.9.bias"')
    typed = {**header, last: {**header[last], "dtype": "I32"}}
    assert refusal(files.joined(typed, body)) == f'tensor "{last}" has type I32: expected F32'
    flat = {**header, last: {**header[last], "shape": [header[last]["data_offsets"][1] // 4 - begin // 4]}}
    assert f'tensor "{last}" has shape' in refusal(files.joined(flat, body))


def test_a_change_after_writing_is_noticed_by_the_checksum() -> None:
    data = bytearray(files.controller().to_bytes())
    data[-1] ^= 1  # a bit of a sign or an exponent
    message = refusal(bytes(data))
    assert message.startswith("checksum crc32:")
    assert message.endswith("so the file was changed after it was written")
    renamed = files.with_entry(lambda text: text.replace('"task":"test"', '"task":"best"'))
    assert refusal(renamed).startswith("checksum crc32:")


def test_another_order_of_features_is_refused() -> None:
    message = refusal_of(lambda description: description["features"].reverse())
    assert message == (
        'feature 1 of the observation is "last_action": this program\'s observation has "learning_rate" there'
    )
    assert 'is "": ' in refusal_of(lambda description: description["features"].pop())


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            lambda d: d["control"].update(observation={"name": "compakt"}),
            'no observation is called "compakt" (nearest: "compact")',
        ),
        (
            lambda d: d["control"].update(observation={"name": "own", "own": "mine"}),
            "the observation `mine` is not built in: this package cannot evaluate it",
        ),
        (lambda d: d["control"].update(observation={}), 'control.observation has no "name"'),
        (
            lambda d: d["control"].update(action={"name": "factor"}),
            'no action definition is called "factor" (nearest: "factors")',
        ),
        (
            lambda d: d["control"].update(action={"name": "own", "own": "halve"}),
            "the action `halve` is not built in: this package cannot apply it",
        ),
        (lambda d: d["control"].update(intervall=3), 'control has no field "intervall" (nearest: "interval")'),
        (lambda d: d["control"].update(interval=0), "interval = 0: expected 1 step or more between two decisions"),
        (lambda d: d["control"].update(interval=-1), "control.interval is -1: expected a whole number from 0 to"),
        (
            lambda d: d["control"].update(initial_learning_rate=0.7),
            "initial_learning_rate = 0.7: expected a learning rate inside the bounds",
        ),
        (
            lambda d: d["control"].update(bounds={"lower": 0.0}),
            "bounds.lower = 0.0: expected a finite learning rate above 0",
        ),
        (
            lambda d: d["control"].update(bounds={"lower": 0.5, "upper": 0.1}),
            "bounds.upper = 0.1: expected a finite learning rate not below bounds.lower",
        ),
        (
            lambda d: d["control"].update(observation={"name": "compact", "slow_window": 10.0}),
            "observation.slow_window = 10.0: expected more steps than fast_window",
        ),
        (
            lambda d: d["control"].update(observation={"name": "compact", "total_steps": 0}),
            "observation.total_steps = 0.0: expected a finite number of steps, 1 or more",
        ),
        (
            lambda d: d["control"].update(action={"name": "factors", "factors": [1.0, -2.0]}),
            "action.factors[1] = -2.0: expected a finite factor above 0 for the learning rate",
        ),
        (
            lambda d: d["control"].update(action={"name": "factors", "factors": []}),
            "action.factors = []: expected at least one factor",
        ),
        (
            lambda d: d["control"].update(action={"name": "anchored"}),
            "a policy with the head greedy-values cannot decide between continuous actions of 1 dimensions",
        ),
        (
            lambda d: d["control"].update(action={"name": "factors", "factors": [0.5, 2.0]}),
            "there are 2 actions, but the policy network has 3 outputs",
        ),
        (lambda d: d.update(head="squashed"), "a policy with the head squashed cannot decide between 3 discrete"),
        (lambda d: d.update(head="softmax"), 'the controller.head is "softmax"'),
        (
            lambda d: d["control"].update(safety={"rise": 1.0}),
            "safety.rise = 1.0: expected a finite factor above 1",
        ),
        (
            lambda d: d["control"].update(safety={"fallback": {"peak_learning_rate": 0.7}}),
            "safety.fallback.peak_learning_rate = 0.7: expected a learning rate not above bounds.upper",
        ),
        (
            lambda d: d["control"].update(safety={"fallback": {"schedule": {"name": "greedy"}}}),
            'safety.fallback.schedule = "greedy": expected a schedule of the time alone',
        ),
        (
            lambda d: d["control"].update(safety={"fallback": {"schedule": {"name": "linear", "final_factor": 7}}}),
            'schedule "linear": setting "final_factor" is 7.0, expected a number from 0 to 1',
        ),
        (lambda d: d.update(method={"name": "adem"}), 'no optimizer is called "adem" (nearest: "adam")'),
        (
            lambda d: d.update(method={"name": "adam", "beta1": 1.5}),
            'optimizer "adam": setting "beta1" is 1.5, expected a number of at least 0 and below 1',
        ),
        (
            lambda d: d.update(method={"name": "adam", "beta3": 1}),
            'method has no field "beta3" (nearest: "beta2")',
        ),
        (
            lambda d: d["network"]["layers"].clear(),
            "the network has no layers; expected at least one",
        ),
        (
            lambda d: d["network"]["layers"].insert(0, {"linear": {"outputs": 0}}),
            "layer 1 (linear): outputs is 0; expected at least 1",
        ),
        (
            lambda d: d["network"]["layers"].insert(0, {"conv2d": {"out_channels": 1}}),
            "network.layers[0] is conv2d: this package evaluates policies of",
        ),
        (lambda d: d["network"]["layers"].insert(0, "rely"), '(nearest: "relu")'),
        (lambda d: d["provenance"].pop("seed"), 'provenance has no "seed"'),
    ],
)
def test_what_makes_no_controller_is_told(change: Change, expected: str) -> None:
    assert expected in refusal_of(change)


def test_inputs_that_are_not_the_features_are_told() -> None:
    description, tensors = files.description(), files.tensors()
    description["network"]["input"]["channels"] = 6
    tensors["policy.0.weight"] = np.zeros((6, 4))
    with pytest.raises(SettingsError, match="the observation has 5 features, but the policy network has 6 inputs"):
        Controller.assemble(description, tensors)


@pytest.mark.parametrize(
    ("dimensions", "expected"),
    [
        ([], "action.dimensions = []: expected at least one hyper-parameter"),
        (
            [{"parameter": "momentum", "low": 0.0, "high": 1.0, "scale": "complement"}],
            "action.dimensions[0].high = 1.0: expected a number above low and below 1",
        ),
        (
            [{"parameter": "learning-rate", "low": 0.0, "high": 1.0, "scale": "logarithmic"}],
            "action.dimensions[0].low = 0.0: expected a finite number above 0",
        ),
        (
            [{"parameter": "learning-rate", "low": -1.0, "high": 1.0, "scale": "linear"}],
            "action.dimensions[0].low = -1.0: expected a learning rate above 0",
        ),
        (
            [
                {"parameter": "b2", "low": 0.0, "high": 1.0, "scale": "linear"},
                {"parameter": "momentum", "low": 0.0, "high": 0.9, "scale": "complement"},
            ],
            "action.dimensions[1].parameter = momentum: expected a hyper-parameter that no other dimension sets",
        ),
        (
            [{"parameter": "momentun", "low": 0.0, "high": 0.9, "scale": "linear"}],
            'parameter is "momentun" (nearest: "momentum")',
        ),
        ([{"parameter": "a1", "low": 0.0, "scale": "linear"}], 'control.action.dimensions[0] has no "high"'),
    ],
)
def test_impossible_dimensions_are_told(dimensions: list[dict[str, Any]], expected: str) -> None:
    action = {"name": "anchored", "dimensions": dimensions}
    assert expected in refusal_of(lambda description: description["control"].update(action=action))


def test_a_path_is_named_with_what_is_wrong(tmp_path: Path) -> None:
    def message(source: Any) -> str:
        with pytest.raises(ControllerFileError) as caught:
            Controller.load(source)
        return str(caught.value)

    missing = tmp_path / "nobody.safetensors"
    assert message(missing) == f"controller file {missing}: cannot be read: No such file or directory"
    assert message(tmp_path) == f"controller file {tmp_path}: is a directory: expected a file"
    assert '(nearest: "pretrained")' in message("pretraind")
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(b"\1\2\3")
    assert message(str(broken)).startswith(f"controller file {broken}: truncated, or not a safetensors file")


def test_a_file_that_is_saved_is_read_again(tmp_path: Path) -> None:
    controller, path = files.controller(), tmp_path / "mine.safetensors"
    controller.save(path)
    controller.save(path)  # in place of the first
    assert list(tmp_path.iterdir()) == [path]
    assert Controller.load(path).to_bytes() == controller.to_bytes()
    assert Controller.load(path.read_bytes()).description == json.loads(json.dumps(controller.description))


def test_the_program_reads_what_is_saved(tmp_path: Path) -> None:
    program = Path(__file__).resolve().parents[3] / "target" / "release" / "descender"
    if not program.is_file():
        pytest.skip("the program is not built")
    path = tmp_path / "mine.safetensors"
    pretrained = Controller.load("pretrained")
    moved = {name: tensor + np.float32(0.125) for name, tensor in pretrained.tensors.items()}
    pretrained.with_tensors(moved, task="mine", seed=7).save(path)
    shown = subprocess.run([program, "inspect", path], capture_output=True, text=True, check=True).stdout
    assert "on task mine by agent" in shown
    assert "seed 7" in shown
