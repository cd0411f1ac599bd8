"""The command line: one file a command, imported when it is called."""

from __future__ import annotations

import codecs
import os
import sys
from importlib import import_module
from io import TextIOWrapper

from esreason.core.errors import EsreasonError, UnknownNameError

COMMANDS = {
    "run": "fine-tune a model by evolution strategies and score it before and after",
    "envs": "list environments, or show one",
    "play": "play an environment in the terminal",
    "diagnose": "probe the landscape around a model, and advise",
    "eval": "score a model, a scripted player or an endpoint",
    "resume": "carry an interrupted run on",
    "export": "write a run's tuned model as a Hugging Face directory",
    "verify": "replay every transcript of a run",
    "submit": "verify a run and add it to a leaderboard",
    "leaderboard": "print a leaderboard, or write its page",
    "show": "print a stored episode of a run",
    "compare": "say whether one of two runs is better",
    "study": "repeat a comparison at equal budgets and write its table and plots",
    "plot": "draw a run's learning curve, fitness and success by level",
    "challenge": "play test tasks that are derived from a model's own weights",
    "reproduce": "play an entry's episodes again with its models",
}
"""Every command and what it does; `esreason.cli.<name>` holds a function `command`."""

MODULES = {"eval": "evaluate"}
"""Where a command's file cannot bear its name."""


_ASCII = {"…": "~", "·": ".", "†": "+"} | dict(zip("▁▂▃▄▅▆▇█▏▎▍▌▋▊▉", "1234567#      |", strict=True))
"""What stands for the characters of tables, bars and curves where the terminal's encoding lacks them."""


def main(arguments: list[str] | None = None) -> None:
    """The `esreason` command: exit code 0 done, 1 failed, 2 wrong usage."""
    codecs.register_error("esreason", _legible)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="esreason")
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def _legible(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(_ASCII.get(c, "?") for c in error.object[error.start : error.end]), error.end


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    first = arguments[0] if arguments else "--help"
    try:
        if first in ("--help", "-h"):
            sys.stdout.write(_help())
        elif first == "--version":
            from esreason import __version__

            sys.stdout.write(f"esreason {__version__}\n")
        elif first not in COMMANDS:
            raise UnknownNameError("option" if first.startswith("-") else "command", first, COMMANDS)
        else:
            return _call(first, arguments[1:])
    except EsreasonError as error:
        return _complain(str(error), error.exit_code)
    except KeyboardInterrupt:
        return _complain("Interrupted.", 130)
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except MemoryError:
        return _complain("Out of memory: use a smaller model, --population or --tasks.", 1)
    except OSError as error:
        return _complain(f"{error.filename or 'The system'}: {error.strerror or error}.", 1)
    return 0


def _call(name: str, arguments: list[str]) -> int:
    import typer

    from esreason.cli.options import Command

    command = import_module(f"esreason.cli.{MODULES.get(name, name)}").command
    app = typer.Typer(add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False)
    app.command(name, cls=Command)(command)
    try:
        code = app(arguments, prog_name=f"esreason {name}", standalone_mode=False)
    except typer.Exit as error:
        return int(error.exit_code)
    except typer.Abort:
        return _complain("Interrupted.", 130)
    except Exception as error:
        message = getattr(error, "format_message", None)  # the usage errors of the parser
        if message is None:
            raise
        return _complain(f"{message().rstrip('.')}. See `esreason {name} --help`.", 2)
    return code if isinstance(code, int) else 0


def _complain(message: str, code: int) -> int:
    from esreason.report.episode import visible  # a name from the outside must not move the cursor

    lines = [visible(line) for line in message.splitlines() if line.strip()][:3]
    sys.stderr.write("".join(f"{'' if i else 'esreason: '}{line[:400]}\n" for i, line in enumerate(lines)))
    return code


def _help() -> str:
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {summary}" for name, summary in COMMANDS.items()]
    return (
        "Usage: esreason COMMAND [OPTIONS]\n\nEvolution strategies for language models that reason.\n\n"
        + "\n".join(["Commands:", *lines, "", "`esreason COMMAND --help` tells more."]) + "\n"
    )  # fmt: skip
