"""A notebook in JupyterLab: run cells, ask the kernel, switch the theme."""

from __future__ import annotations

import ast
from typing import Any

_RUN = """async ([code, expression]) => {
  const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
  const future = kernel.requestExecute({ code, user_expressions: expression ? { value: expression } : {} });
  const reply = (await future.done).content;
  if (reply.status !== 'ok') throw new Error(`${reply.ename}: ${reply.evalue}`);
  return expression ? reply.user_expressions.value : null;
}"""


class LabNotebook:
    """One notebook in one browser tab, with its kernel."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.console: list[str] = []
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.goto(url)
        page.wait_for_function(
            "window.jupyterapp?.shell?.currentWidget?.sessionContext?.session?.kernel", timeout=90_000
        )
        page.wait_for_function("window.jupyterapp.shell.currentWidget.context.isReady")

    def run_all(self, timeout: float) -> None:
        """Run every cell, and fail as the notebook fails."""
        self._command("notebook:run-all-cells")
        self.page.wait_for_function(
            "[...window.jupyterapp.shell.currentWidget.content.widgets].every(c => c.model.executionState !== 'running'"
            " && c.model.executionCount !== null)",
            timeout=timeout * 1000,
        )
        errors = self.page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.error']")
        if errors.count():
            raise RuntimeError(errors.first.inner_text())

    def execute(self, code: str) -> None:
        """Run code in the kernel, outside any cell."""
        self.page.evaluate(_RUN, [code, None])

    def ask(self, expression: str) -> Any:
        """Return the value of a Python expression (a literal) in the kernel."""
        answer = self.page.evaluate(_RUN, ["", expression])
        if answer["status"] != "ok":
            raise RuntimeError(f"{answer['ename']}: {answer['evalue']}")
        return ast.literal_eval(answer["data"]["text/plain"])

    def wait_for(self, expression: str, value: Any, seconds: float = 20) -> None:
        """Wait until a Python expression has a value in the kernel."""
        for _ in range(int(seconds * 10)):
            last = self.ask(expression)
            if last == value:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{expression} is {last!r} in the kernel, expected {value!r}")

    def theme(self, name: str) -> None:
        """Switch JupyterLab's theme."""
        self._command("apputils:change-theme", {"theme": name})
        self.page.wait_for_function(
            "dark => document.body.dataset.jpThemeLight === (dark ? 'false' : 'true')", arg="Dark" in name
        )

    def clear_output(self, cell: int) -> None:
        """Clear a cell's output, which closes the views in it."""
        self.page.evaluate("i => { window.jupyterapp.shell.currentWidget.content.activeCellIndex = i; }", cell)
        self._command("notebook:clear-cell-output")

    def shut_down(self) -> None:
        """End the kernel; the tab closes with its page."""
        self.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")

    def _command(self, name: str, arguments: dict[str, Any] | None = None) -> None:
        # without an answer: running all cells resolves only when they have run
        self.page.evaluate("([n, a]) => { window.jupyterapp.commands.execute(n, a); }", [name, arguments or {}])
