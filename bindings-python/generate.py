"""Writes what follows from something else: the enums and the stubs from the engine's tables, the sync client from the async
one, the list of public names. Run by `make gen`; `make gen-check` runs it with --check and fails on a difference.

The native module must be built and importable.
"""

from __future__ import annotations

import argparse
import difflib
import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
PACKAGE = HERE / "oneclickdz"
MARK = "# Made by `make gen`; do not edit.\n"

#: Written by hand for the async client, made for the sync one: `_async.py`, `_async_cards.py` and so on.
SYNCED = ["", "_cards", "_orders", "_services", "_streams"]

TYPES = {
    "String": "str",
    "bool": "bool",
    "u32": "int",
    "Dzd": "Decimal",
    "Decimal": "Decimal",
    "Timestamp": "datetime",
    "SecretText": "Secret",
}


def python_type(rust: str, enums: set[str]) -> str:
    rust = rust.replace(" ", "")
    if inner := re.fullmatch(r"Option<(.*)>", rust):
        return f"{python_type(inner[1], enums)} | None"
    if inner := re.fullmatch(r"Vec<(.*)>", rust):
        return f"tuple[{python_type(inner[1], enums)}, ...]"
    return TYPES.get(rust) or (f"_enums.{rust}" if rust in enums else rust)


def doc(text: str, indent: str) -> str:
    """A doc string; the engine's texts hold no quotes of three."""
    text = text.replace("\\", "\\\\")
    lines = text.splitlines()
    if len(lines) == 1:
        return f'{indent}"""{lines[0]}"""\n'
    body = "".join(f"{indent}{line}".rstrip() + "\n" for line in lines[1:])
    return f'{indent}"""{lines[0]}\n{body}{indent}"""\n'


def member(variant: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", variant).upper()


def enums_module(tables: dict) -> str:
    out = [MARK, '"""Closed sets of words. Each member is also its word: `OrderState.FULFILLED == "fulfilled"`."""\n\n']
    out.append("from __future__ import annotations\n\nimport enum\n\n\n")
    out.append("class _Word(str, enum.Enum):\n")
    out.append("    def __str__(self) -> str:\n        return str.__str__(self.value)\n\n")
    out.append("    def __format__(self, spec: str) -> str:\n        return str.__format__(self.value, spec)\n")
    for name, text, members in tables["enums"]:
        out.append(f"\n\nclass {name}(_Word):\n" + doc(text, "    ") + "\n")
        for variant, word, about in members:
            out.append(f'    {member(variant)} = "{word}"\n' + doc(about, "    "))
        if name == "OrderState":
            out.append("\n    @property\n    def is_settled(self) -> bool:\n")
            out.append('        """Whether the order has reached its end."""\n        return self in _SETTLED\n')
    settled = ", ".join(f"OrderState.{word.upper()}" for word in tables["settled"])
    out.append(f"\n\n_SETTLED = frozenset(({settled}))\n")
    return "".join(out)


def stubs(tables: dict) -> str:
    enums = {name for name, _, _ in tables["enums"]}
    out = [MARK, (HERE / "native.pyi.in").read_text()]
    for name, text, fields in tables["records"]:
        out.append(f"\n@disjoint_base\nclass {name}:\n" + doc(text, "    "))
        typed = [(field, python_type(rust, enums), about) for field, rust, about in fields]
        if name == "Card":
            # Revealed on purpose: texts.
            typed = [(field, kind.replace("Secret", "str"), about) for field, kind, about in typed]
        arguments = ", ".join(
            f"{field}: {kind}{' = ...' if kind.endswith('| None') or kind.startswith('tuple[') else ''}"
            for field, kind, _ in typed
        )
        out.append(f"    def __new__(cls, *, {arguments}) -> Self: ...\n")
        for field, kind, about in typed:
            out.append(f"    @property\n    def {field}(self) -> {kind}:\n" + doc(about, "        "))
        if name == "Order":
            out.append("    @property\n    def is_settled(self) -> bool:\n")
            out.append('        """Whether the order has reached its end."""\n')
        if name == "InAppCards":
            out.append("    def to_json(self) -> Secret:\n")
            out.append('        """The whole as JSON, codes included: for the answer to the customer, over an encrypted connection,\n')
            out.append('        and nothing else."""\n')
        out.append("    def to_dict(self) -> dict[str, Any]:\n")
        out.append('        """The fields by name, records within as dictionaries, secrets redacted."""\n')
        out.append("    def __eq__(self, other: object, /) -> bool: ...\n")
        out.append("    def __hash__(self) -> int: ...\n")
        out.append("    def __reduce__(self) -> tuple[Any, ...]: ...\n")
    return "".join(out)


def sync_module(name: str) -> str:
    text = (PACKAGE / f"_async{name}.py").read_text()
    head = f'"""The same as `_async{name}.py`, for the sync client."""\n'
    text = head + text.split('"""\n', 1)[1]
    for pattern, replacement in [
        (r"from \._async", "from ._sync"),
        (r"\basync (def|for|with) ", r"\1 "),
        (r"\bawait ", ""),
        (r"\b__aenter__\b", "__enter__"),
        (r"\b__aexit__\b", "__exit__"),
        (r"\bAsync(?=[A-Z])", ""),
    ]:
        text = re.sub(pattern, replacement, text)
    return MARK + text


def public_module(tables: dict) -> str:
    errors = re.findall(r"^class (\w+)\(", (PACKAGE / "errors.py").read_text(), re.M)
    enums = [name for name, _, _ in tables["enums"]]
    records = [name for name, _, _ in tables["records"]]
    functions = ["make_ref", "make_vault_key", "__version__"]
    # What a program of the other kind never needs, and what takes longest, is loaded when it is first asked for.
    later = {
        "_async": ["AsyncClient"],
        "_async_cards": ["AsyncDeliveryHandle"],
        "_async_orders": ["AsyncOrderHandle"],
        "_enums": enums,
    }
    now = {
        "_native": [*records, "EmailSettings", "HttpSmsGateway", "Secret", *functions],
        "_sync": ["Client"],
        "_sync_cards": ["DeliveryHandle"],
        "_sync_orders": ["OrderHandle"],
        "errors": errors,
    }

    def imported(groups: dict[str, list[str]], indent: str) -> str:
        lines = []
        for module, names in groups.items():
            listed = "".join(f"{indent}    {name},\n" for name in sorted(names))
            lines.append(f"{indent}from .{module} import (\n{listed}{indent})\n")
        return "".join(lines)

    text = (HERE / "init.py.in").read_text()
    out = [MARK, text, "\n", imported(now, "")]
    out.append("\nTYPE_CHECKING = False\nif TYPE_CHECKING:\n" + imported(later, "    ") + "else:\n    _LATER = {\n")
    out += [f'        "{name}": "{module}",\n' for module, names in later.items() for name in sorted(names)]
    out.append("    }\n" + LOADED_LATER)
    names = sorted(name for groups in (now, later) for group in groups.values() for name in group)
    out.append("\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in names) + "]\n")
    return "".join(out)


LOADED_LATER = """
    def __getattr__(name):
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        value = globals()[name] = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
        return value

    def __dir__():
        return sorted({*globals(), *__all__})

"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="change nothing, fail on a difference")
    check = parser.parse_args().check

    # The native module alone: the package around it may not be made yet.
    import importlib.util

    [library] = [path for path in PACKAGE.glob("_native.*") if path.suffix in {".so", ".pyd"}]
    spec = importlib.util.spec_from_file_location("oneclickdz._native", library)
    assert spec and spec.loader
    native = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(native)
    tables = native._tables()

    made = {
        "_enums.py": enums_module(tables),
        "_native.pyi": stubs(tables),
        "__init__.py": public_module(tables),
        **{f"_sync{name}.py": sync_module(name) for name in SYNCED},
    }
    stale = 0
    for name, text in made.items():
        path = PACKAGE / name
        old = path.read_text() if path.exists() else ""
        if old == text:
            continue
        if check:
            stale += 1
            lines = difflib.unified_diff(old.splitlines(True), text.splitlines(True), name, f"{name} (made now)")
            sys.stdout.writelines(list(lines)[:40])
        else:
            path.write_text(text)
            print(f"wrote {path.relative_to(HERE.parent)}")
    if stale:
        print(f"{stale} files are out of date: run make gen")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
