"""
Pieces of SQL that may call macros.

A fragment is a tuple of plain text and macro calls, whose arguments are fragments again. It is written in two ways:
in a model, where a call becomes `{{ divide('a', 'b') }}`, and inside another call, where it becomes a Jinja expression.
No text of a fragment, the user's literals included, is ever read as Jinja.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class MacroCall:
    """Arguments are fragments, or pairs of a plain name and a fragment (for json_object_text)."""

    name: str
    arguments: tuple[Fragment | Pairs, ...]


@dataclass(frozen=True)
class Pairs:
    items: tuple[tuple[str, Fragment], ...]


Fragment = tuple["str | MacroCall", ...]


def sql(*parts: str | MacroCall | Fragment) -> Fragment:
    """Put texts, calls and fragments together."""
    flat: list[str | MacroCall] = []
    for part in parts:
        flat.extend(part if isinstance(part, tuple) else (part,))
    return tuple(flat)


def call(name: str, *arguments: str | Fragment | Pairs) -> Fragment:
    return (MacroCall(name, tuple((a,) if isinstance(a, str) else a for a in arguments)),)


def join(separator: str, fragments: list[Fragment]) -> Fragment:
    """
    Example:
        >>> join(", ", [("a",), ("b",)])
        ('a', ', ', 'b')
    """
    joined: list[str | MacroCall] = []
    for index, fragment in enumerate(fragments):
        joined.extend(((separator,) if index else ()) + fragment)
    return tuple(joined)


def template(fragment: Fragment) -> str:
    """
    Write a fragment as the text of a model.

    Example:
        >>> template(sql("1 + ", call("divide", "a", sql("b + ", call("number", "n")))))
        "1 + {{ divide('a', 'b + ' ~ number('n')) }}"
    """
    return "".join(part.replace("{", "{{ '{' }}") if isinstance(part, str) else f"{{{{ {_call(part)} }}}}" for part in fragment)


def jinja_text(text: str) -> str:
    """
    A text as a Jinja string literal.

    Example:
        >>> print(jinja_text("it's {{ x }}"))
        'it\\'s \\x7b\\x7b x \\x7d\\x7d'
    """
    escapes = {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "{": "\\x7b", "}": "\\x7d"}
    return "'" + "".join(escapes.get(character, character) for character in text) + "'"


def _call(macro: MacroCall) -> str:
    return f"{macro.name}({', '.join(map(_argument, macro.arguments))})"


def _argument(argument: Fragment | Pairs) -> str:
    if isinstance(argument, Pairs):
        return "[" + ", ".join(f"[{jinja_text(name)}, {_argument(value)}]" for name, value in argument.items) + "]"
    return " ~ ".join(_call(part) if isinstance(part, MacroCall) else jinja_text(part) for part in _merged(argument)) or "''"


def _merged(fragment: Fragment) -> Fragment:
    """Neighbouring texts as one, so that they are quoted once."""
    merged: list[str | MacroCall] = []
    for part in fragment:
        if isinstance(part, str) and merged and isinstance(merged[-1], str):
            merged[-1] += part
        else:
            merged.append(part)
    return tuple(merged)
