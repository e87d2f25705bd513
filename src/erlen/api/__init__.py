"""Typed views: a view says in its annotations what it takes and what it answers.

>>> class NewItem(Struct):
...     name: str
...     price: Decimal
>>> @app.post("/items")
... def create_item(item: Body[NewItem]) -> Created[Item]: ...

What is sent is read, checked and converted accordingly, and the answer encoded. Views without
markers stay as they are. Needs msgspec: ``pip install erlen[api]``.
"""

try:
    import msgspec as _msgspec  # noqa: F401
except ModuleNotFoundError as _error:
    raise ModuleNotFoundError(
        "erlen.api reads and writes JSON with msgspec, which is not installed. Install it with:"
        " pip install 'erlen[api]'",
        name=_error.name,
    ) from None

from ..app.view_adapter import view_adapter as _view_adapter
from .answers import AnswerError as AnswerError
from .markers import Accepted as Accepted
from .markers import Body as Body
from .markers import Cookie as Cookie
from .markers import Created as Created
from .markers import Form as Form
from .markers import FromBody as FromBody
from .markers import Header as Header
from .markers import NoContent as NoContent
from .markers import OrNotFound as OrNotFound
from .markers import Query as Query
from .markers import Status as Status
from .openapi import OpenAPI as OpenAPI
from .pages import Page as Page
from .problems import InvalidInput as InvalidInput
from .problems import MalformedBody as MalformedBody
from .problems import Mistake as Mistake
from .problems import Problem as Problem
from .problems import WrongMediaType as WrongMediaType
from .signature import ViewError as ViewError
from .sources import Upload as Upload
from .typed import adapt as _adapt

_view_adapter.adapt = _adapt
