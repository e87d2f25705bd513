"""Looking for people and chirps."""

from __future__ import annotations

from erlen import Blueprint, render_template, request
from erlen.typing import ResponseReturnValue

from ..database import db
from ..services import search
from ..services.errors import Invalid
from .login import current_person

blueprint = Blueprint("search", __name__)


@blueprint.get("/search")
def find() -> ResponseReturnValue:
    query, cursor = request.args.get("q", "").strip(), request.args.get("cursor")
    values = {"query": query, "longest": search.LONGEST, "looked_through": search.LOOKED_THROUGH}
    if not query:
        return render_template("search.html", **values)
    try:
        page = search.chirps(db(), query, current_person(), cursor)
        # They stand above the first page.
        found = search.people(db(), query) if cursor is None else []
    except Invalid as error:
        if error.field != "q":
            raise
        return render_template("search.html", mistake=error.message, **values), 422
    return render_template("search.html", found=found, page=page, cursor=cursor, **values)
