"""Docstrings as Sphinx is to read them: plain signatures of compiled code, and |x| as it stands."""

import re


def parts(arguments):
    """Split at the commas that no bracket holds."""
    depth, part = 0, ""
    for c in arguments:
        depth += (c in "[({") - (c in "])}")
        if c == "," and depth == 0:
            yield part.strip()
            part = ""
        else:
            part += c
    if part.strip():
        yield part.strip()


def plain(argument):
    """Its name and its default."""
    name, _, rest = argument.partition(":")
    _, is_given, default = rest.rpartition(" = ")
    return f"{name}={default}" if is_given else name


def without_self(signature):
    """``(self: Solver, x: object = None) -> int`` is ``(x=None)``."""
    arguments = [plain(a) for a in parts(signature[1 : signature.rindex(")")])]
    return f"({', '.join(arguments[1:])})"


def shorten(app, what, name, obj, options, signature, returned):
    """Leave what Python gives, and of what pybind11 gives the names and defaults."""
    if signature and signature.startswith("(self: "):
        return without_self(signature), None
    return signature, returned


def shorten_overloads(app, what, name, obj, options, lines):
    """The same where one docstring has several signatures."""
    if "Overloaded function." in lines:
        lines.remove("Overloaded function.")
        for i, line in enumerate(lines):
            one = re.match(r"\d+\. (\w+)(\(self: .*)", line)
            if one:
                lines[i] = f"``{one[1]}{without_self(one[2])}``"


def keep_bars(app, what, name, obj, options, lines):
    """``|x|`` is a magnitude in a docstring, and not the name of a substitution."""
    in_example = False
    for i, line in enumerate(lines):
        in_example = line.lstrip().startswith(">>>") or (in_example and line.strip() != "")
        if not in_example:
            lines[i] = re.sub(r"(``.*?``)|\|", lambda m: m[1] or r"\|", line)


def setup(app):
    """Join Sphinx."""
    app.connect("autodoc-process-docstring", keep_bars)
    app.connect("autodoc-process-docstring", shorten_overloads)
    app.connect("autodoc-process-signature", shorten)
    return {"parallel_read_safe": True}
