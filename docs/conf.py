"""Sphinx's configuration of the site. `make site` runs it on a copy of this folder, with the chapters beside it."""

from selgrad import __version__
from selgrad.site import docstrings, settings

project = "selgrad"
author = "the selgrad developers"
project_copyright = f"{author}; {settings.LICENCES}"
version = release = __version__

extensions = [
    "myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode", "sphinx.ext.mathjax", "sphinxcontrib.bibtex",
    "sphinx_copybutton",
]
exclude_patterns = ["references.bib", "conf.py"]
default_role = "py:obj"

nb_execution_mode = "off"  # the notebooks are executed, and what they show is what the tests compare
nb_render_markdown_format = "myst"  # formulas in captions
myst_enable_extensions = ["amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath"]
myst_heading_anchors = 3
myst_dmath_double_inline = True

bibtex_bibfiles = ["references.bib"]
bibtex_reference_style = "author_year"

autodoc_typehints = "none"  # the signature says it in the names of the paper, types as written would drown it
autodoc_member_order = "bysource"
autodoc_class_signature = "mixed"
add_module_names = False
toc_object_entries_show_parents = "hide"
python_maximum_signature_line_length = 88
python_use_unqualified_type_names = True

copybutton_prompt_text = r">>> |\.\.\. |\$ |In \[\d*\]: | {2,5}\.\.\.: | {5,8}: "
copybutton_prompt_is_regexp = True
copybutton_exclude = ".linenos, .gp, .go"

html_theme = "sphinx_book_theme"
html_title = "selgrad"
html_static_path = ["_static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_show_sphinx = False
html_copy_source = True
html_sourcelink_suffix = ""
html_context = {"default_mode": "auto"}
html_theme_options = settings.theme()
pygments_style = "default"

mathjax_path = "mathjax/tex-svg-full.js"
myst_update_mathjax = False
viewcode_follow_imported_members = True

mathjax3_config = {
    "tex": {"inlineMath": [["\\(", "\\)"], ["$", "$"]], "displayMath": [["\\[", "\\]"], ["$$", "$$"]]},
    # nothing but mathematics, and what cells show as HTML, which JupyterLab typesets too
    "options": {"ignoreHtmlClass": ".*|", "processHtmlClass": "math|text_html"},
    "svg": {"fontCache": "global"},
}


def setup(app):
    docstrings.connect(app)
