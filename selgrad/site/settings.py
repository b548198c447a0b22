"""What the site says about itself: its licences, and the buttons that are made of the address of the repository."""

from __future__ import annotations

from typing import Any

from selgrad.notebook.repository import repository

LICENCES = "text and figures under CC BY 4.0, code under the BSD 3-clause licence"
BRANCH = "main"


def theme(address: str | None = None) -> dict[str, Any]:
    """The options of the book theme; without a repository there are no buttons that lead to it.

    The address is a placeholder until the project is published: until then Binder and Colab find nothing there.
    """
    address = repository() if address is None else address
    options: dict[str, Any] = {
        "home_page_in_toc": True,
        "show_navbar_depth": 1,
        "show_toc_level": 2,
        "use_download_button": True,
        "use_fullscreen_button": False,
        "navbar_persistent": [],
        "navigation_with_keys": False,
        "toc_title": "On this page",
        "pygments_light_style": "a11y-high-contrast-light",
        "pygments_dark_style": "a11y-high-contrast-dark",
        "logo": {"text": "selgrad"},
    }
    if address:
        options |= {
            "repository_url": address,
            "repository_branch": BRANCH,
            "path_to_docs": "",
            "use_repository_button": True,
            "launch_buttons": {
                "binderhub_url": "https://mybinder.org",
                "colab_url": "https://colab.research.google.com",
                "notebook_interface": "jupyterlab",
            },
        }
    return options
