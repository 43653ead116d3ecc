"""A widget of this process in a browser page: what a notebook does with traits and messages, without its server."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attn_widgets as aw

_STATIC = Path(aw.__file__).parent / "static"
_SITE = "http://live.test"
_PAGE = '<!doctype html><meta charset="utf-8"><body style="margin:16px"><div id="root"></div>'
_MODEL = """async ({ name, state }) => {
  const bytes = (text) => new DataView(Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer);
  const revived = (text) =>
    JSON.parse(text, (_, value) => (typeof value?.base64 === 'string' ? bytes(value.base64) : value));
  const traits = revived(state);
  const listeners = {};
  const tell = (event, ...said) => { for (const fn of [...(listeners[event] ?? [])]) fn(...said); };
  const model = {
    dirty: {},
    get: (key) => traits[key],
    set(key, value) {
      if (Object.is(traits[key], value)) return;
      traits[key] = model.dirty[key] = value;
      tell(`change:${key}`);
    },
    on: (event, fn) => (listeners[event] ??= new Set()).add(fn),
    off: (event, fn) => listeners[event]?.delete(fn),
    save_changes() {
      const changes = model.dirty;
      model.dirty = {};
      if (Object.keys(changes).length) python_set(JSON.stringify(changes)).then(hear);
    },
    send(message) {
      window.asked = [...(window.asked ?? []), message];
      python_hear(JSON.stringify(message)).then(hear);
    },
  };
  const hear = (text) => {
    const { changes, messages } = revived(text);
    for (const [key, value] of Object.entries(changes)) { traits[key] = value; tell(`change:${key}`); }
    for (const [message, buffers] of messages) tell('msg:custom', message, buffers);
  };
  setInterval(() => python_said().then(hear), 40);
  const { default: widget } = await import(`/${name}.js`);
  const signal = new AbortController().signal;
  await widget.initialize({ model, signal });
  await widget.render({ model, el: document.getElementById('root'), signal });
  window.model = model;
}"""


def _text(value: Any) -> str:
    def plain(one: Any) -> Any:
        if isinstance(one, bytes | bytearray | memoryview):
            return {"base64": base64.b64encode(one).decode()}
        raise TypeError(type(one))

    return json.dumps(value, default=plain)


def _serve(route: Any) -> None:
    name = route.request.url.removeprefix(f"{_SITE}/")
    if not name:
        route.fulfill(body=_PAGE, content_type="text/html")
    elif (_STATIC / name).is_file():
        kind = "text/css" if name.endswith(".css") else "text/javascript"
        route.fulfill(body=(_STATIC / name).read_bytes(), content_type=kind)
    else:
        route.fulfill(status=404, body="")


def show(page: Any, widget: Any, monkeypatch: Any, name: str = "heatmap") -> Callable[[], list[Any]]:
    """Open `widget` in `page`; returns what gives the messages sent to the browser so far, without their bytes."""
    changed: dict[str, Any] = {}
    said: list[Any] = []
    log: list[Any] = []

    def send(content: Any, buffers: Any = None) -> None:
        said.append([content, [bytes(one) for one in buffers or []]])
        log.append(content)

    def note(change: Any) -> None:
        if change["name"] in synced:
            changed[change["name"]] = change["new"]

    def answer(work: Callable[[], None]) -> str:
        work()
        messages, changes = said.copy(), dict(changed)
        said.clear()
        changed.clear()
        return _text({"changes": changes, "messages": messages})

    synced = {key for key in widget.get_state() if not key.startswith("_")}
    monkeypatch.setattr(widget, "send", send)
    widget.observe(note)
    page.route(f"{_SITE}/**", _serve)
    page.goto(f"{_SITE}/")
    page.add_style_tag(url=f"{_SITE}/{name}.css")
    page.expose_function("python_set", lambda text: answer(lambda: widget.set_state(json.loads(text))))
    page.expose_function("python_hear", lambda text: answer(lambda: widget._handle_custom_msg(json.loads(text), [])))
    page.expose_function("python_said", lambda: answer(lambda: None))
    state = {key: value for key, value in widget.get_state().items() if key in synced}
    page.evaluate(_MODEL, {"name": name, "state": _text(state)})
    return lambda: log
