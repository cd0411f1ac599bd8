"""`esreason verify`: replay every transcript of a run."""

from __future__ import annotations

import json

import typer

from esreason.cli.options import AsJson, Run


def command(
    run: Run,
    as_json: AsJson = False,
) -> None:
    """Replay every transcript of a run or challenge through the environments; exit code 1 on the first difference."""
    from esreason.es.folder import RunFolder
    from esreason.es.given import first_other
    from esreason.es.syllabus import Syllabus
    from esreason.leaderboard.challenge import first_other_task
    from esreason.rollout.transcript import first_difference

    folder = RunFolder.open(run)
    config = folder.config()
    count, difference = first_difference(
        folder.transcript_lines(), folder.config_sha256(), config.mode, config.judgement
    )
    if difference is None and folder.is_challenge:
        other = first_other_task(folder.transcript_lines(), folder.result())
        if other is not None:
            problem = "its task is not the one that follows from the weights' digest"
            difference = {"line": other + 1, "field": "task.seed", "problem": problem}
    if difference is None and config.own_tasks:
        other = first_other(folder.transcript_lines(), Syllabus(config).test())
        if other is not None:
            difference = {"line": other + 1, "field": "task", "problem": "its task is not the given one that was due"}
    if as_json:
        print(
            json.dumps({"run": str(run), "ok": difference is None, "episodes": count, "first_difference": difference})
        )
    elif difference is None:
        print(f"{count} episodes replayed, no difference.")
    else:
        print(f"{folder.transcripts_path} line {difference['line']}: {difference['problem']}.")
    if difference is not None:
        raise typer.Exit(1)
