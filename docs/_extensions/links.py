"""Names in backquotes become links where there is such a name, in docstrings and on pages."""

import re

from docutils import nodes
from sphinx import addnodes

PLACES = ("", "hessopt.", "hessopt.objectives.", "hessopt.networks.")
# Pages whose names are of one room before all others: a `Dropout` of networks is a layer.
FIRST = {
    "networks": "hessopt.networks.",
    "estimators": "hessopt.sklearn.",
    "pictures": "hessopt.plot.",
}
# On a page of Markdown: what begins with a name of ours, and what may be one of our classes.
NAME = re.compile(r"((?:hessopt|objectives|networks)(?:\.\w+)+|[A-Z]\w+)(?:\(.*\))?")


def mark(app, doctree):
    """Let ``hessopt.name`` on a page of Markdown refer to its page of the API."""
    if str(app.env.doc2path(app.env.docname)).endswith(".md"):
        for literal in list(doctree.findall(nodes.literal)):
            name = NAME.fullmatch(literal.astext())
            if name and not isinstance(literal.parent, (nodes.reference, addnodes.pending_xref)):
                link = addnodes.pending_xref(
                    "", refdomain="py", reftype="obj", reftarget=name[1], refdoc=app.env.docname
                )
                literal.replace_self(link)
                link += literal


def resolve(app, env, node, content):
    """Look for a name where it may be; one that is nowhere is an argument, and stays what it is."""
    if node.get("refdomain") == "py" and node["reftype"] == "obj":
        found = env.get_domain("py").objects
        for place in (FIRST.get(node["refdoc"], ""), *PLACES):
            entry = found.get(place + node["reftarget"])
            if entry:
                uri = app.builder.get_relative_uri(node["refdoc"], entry.docname)
                return nodes.reference(
                    "", "", content, internal=True, refuri=f"{uri}#{entry.node_id}"
                )
        return content
    return None


def setup(app):
    """Join Sphinx; after intersphinx, which knows the names of others."""
    app.connect("doctree-read", mark)
    app.connect("missing-reference", resolve, priority=900)
    return {"parallel_read_safe": True}
