"""The code that templates are compiled to, and what it calls."""

from __future__ import annotations

from io import StringIO
from types import BuiltinMethodType, FunctionType, MethodType
from typing import Any

import markupsafe
from jinja2 import nodes
from jinja2.compiler import CodeGenerator
from jinja2.runtime import Context as BaseContext
from jinja2.utils import internalcode
from markupsafe import Markup, escape

_OF_DICTIONARIES = frozenset(dir(dict))
_FUNCTIONS = frozenset({BuiltinMethodType, FunctionType, MethodType})


def escaped(value: Any) -> str:
    """What ``markupsafe.escape`` writes, which need not be a ``Markup``: the output of a template
    is joined, and nobody asks its parts whether they are safe."""
    kind = type(value)
    # Not escape() for a Markup: text behind it would be escaped when it is added.
    return str(value if kind is Markup or kind is int or kind is float else escape(value))


# From text to text, where MarkupSafe has it so.
escape_text: Any = getattr(markupsafe, "_escape_inner", escaped)


def _is_quick(node: nodes.Node) -> bool:
    """Whether it is no call of something unknown."""
    return not isinstance(node, nodes.Call) or getattr(node.node, "name", None) == "url_for"


class Generator(CodeGenerator):
    """Writes templates that escape text and ask dictionaries without a call.

    PERF: what is output is plain text, and each piece is escaped where it stands. The code begins
    with what it needs of the environment, so that any environment can run it, out of a cache of
    compiled templates too.
    """

    stream: Any

    def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:
        if not self.defer_init:
            self.writeline("from markupsafe import escape")
            self.writeline("escaped = getattr(environment, 'escaped', lambda v: str(escape(v)))")
            self.writeline("escape_text = getattr(environment, 'escape_text', escaped)")
            self.writeline("dictionary = getattr(environment, 'dictionary', None)")
            self.writeline("item_of = getattr(environment, 'item_of', environment.getattr)")
            self.writeline("url_for = getattr(environment, 'url_for', None)")
            self.writeline("from functools import partial")
        super().visit_Template(node, frame)

    def visit_Output(self, node: nodes.Output, frame: Any) -> None:
        """PERF: fewer pieces go from generator to generator. Text is sent with the expression
        before it, and with the one behind it unless that calls something, which may take its time;
        so are expressions of one line, whose errors are found by it."""
        finalize = self._make_finalize()
        if frame.buffer or frame.require_output_check or not self._is_escaped_here(frame, finalize):
            super().visit_Output(node, frame)
            return
        text: list[Any] = []
        # That of the expression before.
        line = 0
        for child in node.nodes:
            try:
                if not (finalize.const or isinstance(child, nodes.TemplateData)):
                    raise nodes.Impossible
                text.append(self._output_child_to_const(child, frame, finalize))
                continue
            except nodes.Impossible:
                pass
            before = self._output_const_repr(text) if text else ""
            text = []
            is_quick = all(map(_is_quick, (child, *child.find_all(nodes.Call))))
            if line and before:
                self.write(f" + {before}")
                before = ""
            if line == child.lineno and is_quick:
                self.write(" + ")
            else:
                if before and not is_quick:
                    self.writeline(f"yield {before}")
                    before = ""
                self.writeline(f"yield {before} + " if before else "yield ", child)
            self._output_child_pre(child, frame, finalize)
            self.visit(child, frame)
            self._output_child_post(child, frame, finalize)
            line = child.lineno
        if text:
            after = self._output_const_repr(text)
            if line:
                self.write(f" + {after}")
            else:
                self.writeline(f"yield {after}")

    def _is_escaped_here(self, frame: Any, finalize: Any) -> bool:
        context = frame.eval_ctx
        is_static = context.autoescape and not context.volatile
        return bool(is_static and finalize.src is None and not self.defer_init)

    def _output_child_pre(self, node: nodes.Expr, frame: Any, finalize: Any) -> None:
        if self._is_escaped_here(frame, finalize):
            self.write("(escape_text(v) if type(v := (")
        else:
            super()._output_child_pre(node, frame, finalize)

    def _output_child_post(self, node: nodes.Expr, frame: Any, finalize: Any) -> None:
        if self._is_escaped_here(frame, finalize):
            self.write(")) is str else escaped(v))")
        else:
            super()._output_child_post(node, frame, finalize)

    def visit_Getattr(self, node: nodes.Getattr, frame: Any) -> None:
        """PERF: a dictionary has no other attributes than its class, so that the item is asked for
        without failing to find an attribute first."""
        name = repr(node.attr)
        if self.environment.is_async or self.defer_init or node.attr in _OF_DICTIONARIES:
            super().visit_Getattr(node, frame)
            return
        self.write(f"(o[{name}] if type(o := ")
        self.visit(node.node, frame)
        self.write(f") is dictionary and {name} in o else a if dictionary and ")
        self.write(f"(a := getattr(o, {name}, missing)) is not missing")
        self.write(f" else item_of(o, {name}) if dictionary else environment.getattr(o, {name}))")

    def visit_Call(self, node: nodes.Call, frame: Any, forward_caller: bool = False) -> None:
        """PERF: the application's own ``url_for`` is called as it is, past the context."""
        name = getattr(node.node, "name", None)
        environment = self.environment
        if name != "url_for" or forward_caller or environment.is_async or environment.sandboxed:
            super().visit_Call(node, frame, forward_caller=forward_caller)
            return
        self.write("(url_for if (f := ")
        self.visit(node.node, frame)
        self.write(") is url_for else partial(context.call, f")
        for kind in ("loop", "block"):
            if getattr(frame, f"{kind}_frame"):
                self.write(f", _{kind}_vars=_{kind}_vars")
        self.write("))(")
        # What writes the arguments begins with a comma.
        whole, self.stream = self.stream, StringIO()
        self.signature(node, frame)
        arguments, self.stream = self.stream.getvalue(), whole
        self.write(arguments.removeprefix(", ") + ")")


class Context(BaseContext):
    """A context that calls functions as they are, where they ask for nothing."""

    @internalcode
    def call(__self, __obj: Any, *args: Any, **kwargs: Any) -> Any:
        """What the object returns; see :meth:`jinja2.runtime.Context.call`."""
        # PERF: only a decorator of Jinja2's lets a function ask for the context.
        kind = type(__obj)
        if kind in _FUNCTIONS and not hasattr(__obj, "jinja_pass_arg"):
            if kwargs:
                kwargs.pop("_block_vars", None)
                kwargs.pop("_loop_vars", None)
            try:
                return __obj(*args, **kwargs)
            except StopIteration:
                return __self.environment.undefined(
                    "value was undefined because a callable raised a StopIteration exception"
                )
        return super().call(__obj, *args, **kwargs)
