"""A question to commit to, as a widget: the answer is graded first, then the application is shown.

Like the applications it needs no Output widget. Its saved state is the question without an answer, and what
stands in its place where there is no kernel is the question, its answer to open, and the application's picture.
"""

from __future__ import annotations

from base64 import b64encode
from html import escape
from typing import Any

import ipywidgets

from selgrad.displays import svg_image
from selgrad.notebook.questions.form import Question, marked, plain

EMPTY = "choose an answer first: what counts is that you commit to one before you see."
BAR = "border-left: 0.3em solid {}; padding: 0.2em 0 0.2em 0.9em; margin: 0.5em 0; max-width: 46em; line-height: 1.5"
ASKED, RIGHT, WRONG = (BAR.format(colour) for colour in ("#0072b2", "#009e73", "#d55e00"))


class Prediction(ipywidgets.VBox):
    """Question `name`; `commit()` grades `answer.value` and shows what was hidden, once.

    `reveal` is a widget, a function that makes one, or nothing: then the explanation is all there is. `widget`
    is that widget; `committed` says whether there is an answer, and `correct` whether it is right.
    """

    def __init__(self, name: str, question: Question, reveal: Any = None) -> None:
        self.name, self.question = name, question
        self.widget = reveal() if callable(reveal) else reveal
        self.committed = self.correct = False
        if question.number:
            # Sent when the reader leaves the box: key by key, what is typed could arrive after the click on Commit.
            self.answer: Any = ipywidgets.Text(placeholder="a number, as -0.5 or 1/2", description="Your answer",
                                               continuous_update=False)
        else:
            said = [option.said for option in question.options]
            self.answer = ipywidgets.RadioButtons(options=said, value=None, description="Your answer",
                                                  layout={"width": "max-content"})
        self.button = ipywidgets.Button(description="Commit", button_style="primary", icon="check",
                                        tooltip=f"Commit to your answer to question {name}",
                                        layout={"margin": "0.2em 0 0 0.9em"})
        self.feedback, self.revealed = ipywidgets.HTML(), ipywidgets.VBox()
        self.button.on_click(lambda _: self.commit())
        super().__init__(children=[ipywidgets.HTML(self._asked()), self.answer, self.button, self.feedback,
                                   self.revealed])
        self.add_class("selgrad-question")
        self._say("")

    def commit(self) -> None:
        """Grade the answer, say what is to be said to it, and show the widget. An empty answer is asked for again."""
        if self.committed:
            return
        given = self.answer.value
        if given is None or not str(given).strip():
            return self._say(f"<p>Please {EMPTY}</p>", ASKED)
        try:
            self.correct, feedback = self.question.grade(given)
        except ValueError as problem:
            return self._say(f"<p>{escape(str(problem))}</p>", ASKED)
        self.committed = self.answer.disabled = self.button.disabled = True
        verdict = "Right." if self.correct else "Not so."
        right = "" if self.correct else f"<p>The answer is <b>{marked(self.question.answer().said)}</b>.</p>"
        self._say(f"<p>You said <b>{marked(str(given))}</b>. <b>{verdict}</b> {marked(feedback)}</p>{right}"
                  f"<p>{marked(self.question.because)}</p>", RIGHT if self.correct else WRONG)
        if self.widget is not None:
            self.revealed.children = (self.widget,)

    def _say(self, html: str, look: str = "") -> None:
        inner = f'<div style="{look}">{html}</div>' if html else ""
        self.feedback.value = f'<div role="status" aria-live="polite">{inner}</div>'

    def _asked(self) -> str:
        return (f'<div style="{ASKED}"><p><b>Question {self.name}. Commit to an answer, then see.</b></p>'
                f"<p>{marked(self.question.text)}</p></div>")

    def html(self) -> str:
        """The question for readers without a kernel: its options, and its answer to open."""
        question, right = self.question, self.question.answer()
        options = "" if question.number else "".join(f"<li>{marked(o.said)}</li>" for o in question.options)
        wrong = "".join(f"<li><b>{marked(o.said)}</b>: {marked(o.feedback)}</li>"
                        for o in question.options if o is not right)
        return (
            f'<section aria-label="Question {self.name}">{self._asked()}{options and f"<ul>{options}</ul>"}'
            f'<details style="{BAR.format("#999")}"><summary>The answer</summary>'
            f"<p><b>{marked(right.said)}</b>. {marked(right.feedback)} {marked(question.because)}</p>"
            f"<p>And if you said</p><ul>{wrong}</ul></details></section>"
        )

    def __repr__(self) -> str:
        state = "" if self.committed else " (not answered yet)"
        return f"Question {self.name}{state}: {plain(self.question.text)}"

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        """The widget; and for readers without one, the question and the picture of what it reveals."""
        bundle = super()._repr_mimebundle_(**kwargs)
        if not isinstance(bundle, dict):
            return bundle
        widget: Any = self.widget
        shown: Any = widget._repr_mimebundle_() if widget is not None else {}
        shown = shown[0] if isinstance(shown, tuple) else shown
        pictures = {kind: shown[kind] for kind in ("image/svg+xml", "image/png") if kind in shown}
        return {**bundle, **pictures, "text/plain": repr(self), "text/html": self.html() + twin(shown)}


def twin(bundle: dict[str, Any]) -> str:
    """What stands for a widget in HTML: its own page, or else its picture."""
    if "text/html" in bundle:
        return bundle["text/html"]
    if "image/svg+xml" in bundle:
        return svg_image(bundle["image/svg+xml"], bundle.get("text/plain", ""))
    if "image/png" in bundle:
        data = bundle["image/png"]
        data = data if isinstance(data, str) else b64encode(data).decode()
        alt = escape(bundle.get("text/plain", ""))
        return f'<img src="data:image/png;base64,{data}" alt="{alt}">'
    return ""
