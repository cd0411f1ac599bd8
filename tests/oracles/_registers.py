"""A register machine written a second time, for the oracles of the environments that use it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FORMS = {
    "set": r"set\s+([A-E])(?:\s+|\s*,\s*)([0-9]{1,4})", "mov": r"mov\s+([A-E])(?:\s+|\s*,\s*)([A-E])",
    "add": r"add\s+([A-E])(?:\s+|\s*,\s*)([A-E])", "sub": r"sub\s+([A-E])(?:\s+|\s*,\s*)([A-E])",
    "jz": r"jz\s+([A-E])(?:\s+|\s*,\s*)([0-9]{1,4})", "inc": r"inc\s+([A-E])", "dec": r"dec\s+([A-E])",
    "jmp": r"jmp(?:\s+|\s*,\s*)([0-9]{1,4})",
}  # fmt: skip


@dataclass
class Machine:
    """A program and counters by name; `error` says that a program was refused or a run broke off."""

    registers: dict[str, int]
    lines: list[tuple[str, ...]] = field(default_factory=list)
    steps: int = 0
    error: bool = False

    def load(self, text: str) -> Machine:
        for line in re.split(r"[;\n]", text):
            if not line.strip():
                continue
            bare = re.sub(r"^[0-9]{1,2}[.:)]?\s+", "", line.strip())
            for name, form in FORMS.items():
                match = re.fullmatch(form, bare, re.ASCII)
                if match:
                    self.lines.append((name, *match.groups()))
                    break
            else:
                self.error = True
        for words in self.lines:
            self.error |= any(w.isalpha() and w.isupper() and w not in self.registers for w in words[1:])
            if words[0] in ("jz", "jmp"):
                self.error |= not 1 <= int(words[-1]) <= len(self.lines) + 1
        self.error |= not 1 <= len(self.lines) <= 40
        return self

    def run(self, most: int) -> Machine:
        at, r = 1, self.registers
        while at <= len(self.lines) and not self.error:
            if self.steps >= most:
                self.error = True
                break
            self.steps += 1
            name, *words = self.lines[at - 1]
            at += 1
            match name:
                case "jmp":
                    at = int(words[0])
                case "jz":
                    at = int(words[1]) if r[words[0]] == 0 else at
                case "set":
                    r[words[0]] = int(words[1])
                case "mov":
                    r[words[0]] = r[words[1]]
                case "add":
                    r[words[0]] += r[words[1]]
                case "sub":
                    r[words[0]] = max(r[words[0]] - r[words[1]], 0)
                case "inc":
                    r[words[0]] += 1
                case "dec":
                    r[words[0]] = max(r[words[0]] - 1, 0)
            self.error |= max(r.values()) > 9_999
        return self
