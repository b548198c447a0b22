"""What a person sees: JupyterLab, saved pages and the site in a real Chromium.

The fixtures stand in conftest.py: `page` (a tab that fails on errors in its console and on requests that
leave the machine), `lab` (a JupyterLab on a fresh copy of the notebooks). `axe` looks for what keeps people out.
"""
