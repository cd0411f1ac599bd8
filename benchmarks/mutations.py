"""Verifiers against independent oracles on texts near right answers: false accepts and false rejects.

Writes esreason/report/data/mutations.json, docs/mutations.md and the sums in docs/verifiers.md; the corpus is that of
tests/oracles.
"""

from __future__ import annotations

import sys
from math import comb

from _tables import ROOT, Row, chosen, dated, families, measure, table, write_between

sys.path.append(str(ROOT))

from tests.oracles import names
from tests.oracles._corpus import MUTATORS
from tests.oracles._trials import trial

WRONG, RIGHT = 1_000, 200


def of(name: str) -> Row:
    """The tally of one environment; what the two disagree on goes to stderr."""
    tally = trial(name, WRONG, RIGHT, tasks=4)
    for text in (*tally.false_accepts, *tally.false_rejects):
        sys.stderr.write(f"  {text}\n")
    return {
        "wrong": tally.wrong,
        "right": tally.right,
        "false_accepts": len(tally.false_accepts),
        "false_rejects": len(tally.false_rejects),
        "slowest_ms": round(1e3 * tally.slowest, 2),
    }


def page(rows: dict[str, Row]) -> str:
    """The tables of docs/mutations.md, a family each."""
    parts = [
        "How often each verifier accepted a wrong answer or refused a right one "
        f"(`benchmarks/mutations.py`, {dated(rows)}).",
        f"Wrong answers are made from right ones by {len(MUTATORS)} generic changes (parts swapped, dropped, repeated, "
        "truncated; numbers bumped, made huge, written in other alphabets; answers hedged, fenced, doubled, echoed, "
        "taken from other tasks) and by changes particular to the environment. Right answers are rewritten: other "
        "white space, separators, fences and tags, and other solutions where there are several. An independent "
        "implementation decides which is which: it imports nothing of esreason, and uses OR-tools, networkx, sympy or "
        "brute force.",
    ]
    heads = ["environment", "wrong answers", "false accepts", "right answers", "false rejects", "slowest verdict, ms"]
    keys = ("wrong", "false_accepts", "right", "false_rejects", "slowest_ms")
    for family, members in families(rows).items():
        parts += [f"## {family}", table(heads, [[name, *(f"{rows[name][key]:,}" for key in keys)] for name in members])]
    return "\n\n".join(parts)


def sums(rows: dict[str, Row]) -> str:
    """The table of docs/verifiers.md, a row a family."""
    lines = []
    for family, members in families(rows).items():
        wrong, right, accepted, refused = (
            sum(rows[name][key] for name in members) for key in ("wrong", "right", "false_accepts", "false_rejects")
        )
        lines.append(
            [family, str(len(members)), f"{wrong:,}", rate(accepted, wrong), f"{right:,}", rate(refused, right)]
        )
    heads = ["family", "verifiers", "wrong answers", "accepted", "right answers", "refused"]
    return (
        f"`benchmarks/mutations.py`, {dated(rows)}: texts near right answers, judged by independent implementations. "
        "In brackets the upper end of the 95 % interval (Clopper-Pearson, one-sided) for texts drawn as these were; of "
        f"texts of another kind it says nothing.\n\n{table(heads, lines)}"
    )


def rate(count: int, total: int) -> str:
    """A count and the largest rate at which so few would still be seen once in twenty times."""
    low, high = 0.0, 1.0
    for _ in range(60):
        middle = (low + high) / 2
        seen = sum(comb(total, k) * middle**k * (1 - middle) ** (total - k) for k in range(count + 1))
        low, high = (middle, high) if seen > 0.05 else (low, middle)
    return f"{count} (below {100 * high:.2g} %)"


def main() -> None:
    arguments = chosen(__doc__)
    arguments.names = [name for name in arguments.names if name in names()]
    rows = measure("mutations", arguments, of)
    write_between(ROOT / "docs" / "mutations.md", "mutations", page(rows), "Mutation tests of the verifiers")
    write_between(ROOT / "docs" / "verifiers.md", "errors", sums(rows), "How answers are judged")
    sys.exit(1 if arguments.failed else 0)


if __name__ == "__main__":
    main()
