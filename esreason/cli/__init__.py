"""The command line: one file a command, imported when it is called."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any

import click
import typer
from typer.core import TyperGroup

from esreason.core.errors import EsreasonError

COMMANDS = {
    "run": "fine-tune a model by evolution strategies and score it before and after",
    "envs": "list environments, or show one",
    "play": "play an environment in the terminal",
    "eval": "score a model, a scripted player or an endpoint",
    "resume": "carry an interrupted run on",
    "export": "write a run's tuned model as a Hugging Face directory",
    "verify": "replay every transcript of a run",
    "submit": "verify a run and add it to a leaderboard",
    "leaderboard": "print a leaderboard, or write its page",
    "show": "read an episode of a run",
    "compare": "say whether one run is better than another",
    "plot": "draw the curves of a run",
    "challenge": "score a model on tasks that nobody could train on",
    "reproduce": "play a sample of a row's episodes again",
    "diagnose": "probe the landscape around a model and advise settings",
    "study": "repeat a published comparison at equal budgets",
}
"""Every command and what it does; `esreason.cli.<name>` holds a function `command`."""


class Commands(TyperGroup):
    """A group that imports a command's file when it is needed and lists the rest from the table."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name."""
        if cmd_name not in COMMANDS:
            return None
        app = typer.Typer(add_completion=False, rich_markup_mode=None)
        module = import_module(f"esreason.cli.{'evaluate' if cmd_name == 'eval' else cmd_name}")
        app.command(cmd_name, help=module.command.__doc__)(module.command)
        return typer.main.get_command(app)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The table, without importing anything."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first argument names; the error suggests the nearest."""
        if args and args[0] not in COMMANDS and not args[0].startswith("-"):
            from esreason.core.errors import UnknownNameError

            raise UnknownNameError("command", args[0], COMMANDS)
        return super().resolve_command(ctx, args)


def main(arguments: list[str] | None = None) -> None:
    """The `esreason` command: exit code 0 done, 1 failed, 2 wrong usage."""
    sys.exit(run(sys.argv[1:] if arguments is None else arguments))


def run(arguments: list[str]) -> int:
    """Run a command line and return its exit code."""
    group = Commands(name="esreason", help="Evolution strategies for language models that reason.", rich_markup_mode=None)
    group.params.append(_version_option())
    try:
        code: Any = group.main(arguments or ["--help"], prog_name="esreason", standalone_mode=False)
        return code if isinstance(code, int) else 0
    except click.exceptions.Exit as error:
        return error.exit_code
    except (click.exceptions.Abort, KeyboardInterrupt):
        return _complain("Interrupted.", 130)
    except click.ClickException as error:
        return _complain(error.format_message(), 2)
    except EsreasonError as error:
        return _complain(str(error), error.exit_code)
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except MemoryError:
        return _complain("Out of memory: use a smaller model, --population or --tasks.", 1)
    except OSError as error:
        return _complain(f"{error.filename or 'The system'}: {error.strerror or error}.", 1)


def _complain(message: str, code: int) -> int:
    lines = [line for line in message.splitlines() if line.strip()][:3]
    sys.stderr.write("".join(f"{'esreason: ' if i == 0 else ''}{line[:400]}\n" for i, line in enumerate(lines)))
    return code


def _version_option() -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value:
            from esreason import __version__

            click.echo(f"esreason {__version__}")
            ctx.exit()

    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help="Show the version and exit."
    )
