"""Studies: comparisons that anyone repeats with one command and scales up by changing a model's name."""

from __future__ import annotations

STUDIES = {
    "architectures": "one setting of evolution lifts models of five architectures, and one of GRPO",
    "es-vs-grpo": "evolution against GRPO at equal sequences: success, spread, cost, distance from the base, pass@k",
    "horizon": "evolution lifts success on tasks of many steps, from 1 to 40, at one budget",
    "metacognition": "evolution raises type-2 sensitivity at the same success, also in a family not trained on",
    "quantised": "integer weights rise as floats do, and a kept remainder decides where steps are small",
    "seeds": "the gain of a default run does not hang on its seed: spread over seeds beside a random walk",
    "theory": "a probe around the base foretells the peak of a run, its rise and its decay",
    "transfer": "training on one environment lifts others, and training on all lifts each",
}
"""Every study and the claim that it puts to the test; `esreason.studies.<name>`, dashes as underscores, holds it."""
