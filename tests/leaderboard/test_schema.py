"""Results are what the published JSON Schema says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

ROOT = Path(__file__).resolve().parents[2] / "leaderboards"
SCHEMA = json.loads((ROOT / "result.schema.json").read_text())


@pytest.fixture
def result(run: Path) -> dict[str, Any]:
    data: dict[str, Any] = json.loads((run / "result.json").read_text())
    return data


def test_a_run_writes_what_the_schema_says(result: dict[str, Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    jsonschema.validate(result, SCHEMA)
    others = {"vllm", "shards", "transformers", "cuda", "gpu", "quantize"}
    elsewhere = {*others, "envs", "metacognition"}  # not in such a run
    assert set(result) == set(SCHEMA["properties"]) - elsewhere


@pytest.mark.parametrize("name", sorted(SCHEMA["required"]))
def test_every_field_is_needed(result: dict[str, Any], name: str) -> None:
    del result[name]
    with pytest.raises(jsonschema.ValidationError, match=f"'{name}' is a required property"):
        jsonschema.validate(result, SCHEMA)
