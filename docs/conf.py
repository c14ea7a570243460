"""How the site is made: ``python -m sphinx -n -W --keep-going docs build/site``.

``-D plot_gallery=0`` leaves the examples unrun, and their output out.
"""

import sys
from importlib.util import find_spec
from pathlib import Path

import hessopt

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE / "_extensions"))

project = "hessopt"
author = "the hessopt developers"
copyright = "the hessopt developers, MIT licence"
release = hessopt.__version__
version = release

extensions = [
    "myst_parser",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.intersphinx",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "api_pages",
    "docstrings",
    "inventories",
    "links",
]
exclude_patterns = ["gallery/GALLERY_HEADER.rst"]
templates_path = ["_templates"]

myst_enable_extensions = ["colon_fence"]
myst_heading_anchors = 3
smartquotes = False  # two hyphens are an option of a command

toc_object_entries_show_parents = "hide"
autodoc_typehints = "none"  # types stand in the docstrings
numpydoc_show_class_members = False  # each has its own paragraph on the page of its class
numpydoc_xref_param_type = False
default_role = "py:obj"  # what is no name is an argument: see _extensions/links.py
intersphinx_timeout = 5
# Where the network cannot be reached these are not known.
nitpick_ignore_regex = [("py:.*", r"(numpy|scipy|sklearn|torch|pandas)\..*")]
# The API of hessopt.torch is shown without it as well.
autodoc_mock_imports = [] if find_spec("torch") else ["torch"]

sphinx_gallery_conf = {
    "examples_dirs": "../examples",
    "gallery_dirs": "gallery",
    "filename_pattern": r"\.py$",
    "within_subsection_order": "FileNameSortKey",
    "capture_repr": (),
    "image_scrapers": (),
    "default_thumb_file": str(HERE / "_static" / "hessopt.svg"),
    "download_all_examples": False,
    "remove_config_comments": True,
    "write_computation_times": False,
}

html_theme = "pydata_sphinx_theme"
html_title = "hessopt"
html_favicon = "_static/hessopt.svg"
html_static_path = ["_static"]
html_css_files = ["hessopt.css"]
html_copy_source = False
html_theme_options = {
    "logo": {
        "text": "hessopt",
        "image_light": "_static/hessopt.svg",
        "image_dark": "_static/hessopt.svg",
    },
    "show_prev_next": False,
    "navigation_with_keys": False,
    "header_links_before_dropdown": 6,
    "secondary_sidebar_items": ["page-toc"],
    "footer_start": ["copyright"],
    "footer_end": ["theme-version"],
}
html_sidebars = {
    name: []
    for name in ("index", "choose", "benchmarks", "changelog", "cpp", "extend", "coming_from/*")
}
