"""A prompt as people give it -> one that can be compared with another and sent to a browser."""

from __future__ import annotations

from typing import Any

from attn_widgets.arrays import as_numpy


def plain_prompt(value: Any) -> Any:
    """Text as it is, and token ids of any kind of array as a list: arrays have no single truth when compared.

    Raises
    ------
    ValueError
        If it is a text that no encoding can hold.
    """
    if not isinstance(value, str):
        return as_numpy(value).tolist()
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(
            f"prompt has half a character at position {error.start} ({value[error.start]!a}); expected text. It may "
            "have been cut in the middle of an emoji"
        ) from error
    return value
