"""``erlen openapi``: the OpenAPI document of the application."""

from __future__ import annotations

import json
from pathlib import Path

import click

from ..app.current import current_app
from .groups import with_appcontext
from .options import app_argument, app_option


@click.command(
    "openapi",
    short_help="Write the OpenAPI document of the app.",
    params=[app_argument(), app_option()],
)
@click.option("--yaml", "as_yaml", is_flag=True, help="Write YAML instead of JSON.")
@click.option(
    "--output",
    "-o",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file.",
)
@click.option(
    "--check",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Fail if this file, a document in JSON, is not what would be written.",
)
@with_appcontext
def openapi_command(as_yaml: bool, output: Path | None, check: Path | None) -> None:
    """Write the OpenAPI document of all routes.

    With --check, the changes since a document was written are told, those first that break the
    programs of callers.
    """
    try:
        from ..api.openapi.extension import openapi_of
    except ModuleNotFoundError as error:
        raise click.ClickException(str(error)) from error
    from ..api.openapi.yaml import to_yaml

    document = openapi_of(current_app).document(current_app)
    if check is not None:
        _check(check, document)
        return
    text = (
        to_yaml(document) if as_yaml else json.dumps(document, indent=2, ensure_ascii=False) + "\n"
    )
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


def _check(file: Path, document: object) -> None:
    from ..api.openapi.differences import differences

    command = f"erlen openapi -o {file}"
    # As it is once it was written.
    new = json.loads(json.dumps(document))
    try:
        old = json.loads(file.read_text(encoding="utf-8"))
    except ValueError as error:
        raise click.ClickException(
            f"{file} is no JSON: {error}. Write it anew with: {command}"
        ) from error
    if not isinstance(old, dict):
        raise click.ClickException(f"{file} is no document. Write it anew with: {command}")
    found = differences(old, new)
    if not found:
        click.echo(f"{file} is up to date.")
        return
    for one in found:
        click.echo(str(one))
    raise click.ClickException(f"{file} is not up to date. Write it anew with: {command}")
