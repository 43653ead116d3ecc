"""The folder of an atlas: what it says of itself, and the texts; checked before anything is computed."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from attn_widgets.atlas.corpus import Corpus, Passage
from attn_widgets.atlas.durable import clear_parts, write_durably
from attn_widgets.atlas.settings import VERSION, Settings

# atlases that come with the package
READY = Path(__file__).with_name("ready")

_ABOUT = "atlas.json"
_CORPUS = "corpus"


def open_folder(path: str | os.PathLike[str]) -> tuple[Path, Settings]:
    """What an atlas was built with.

    Raises
    ------
    FileNotFoundError
        If there is no atlas.
    ValueError
        If it is damaged, or of another version.
    """
    folder = Path(path)
    try:
        about: Any = json.loads((folder / _ABOUT).read_text(encoding="utf-8"))
        version = about["version"]
        # atlases were made before there were ablations
        settings = {name: {"ablations": 0, **about}[name] for name in Settings.__dataclass_fields__}
    except FileNotFoundError:
        raise FileNotFoundError(
            f"path is {str(path)!r}, where there is no atlas ({_ABOUT}); make one with build_atlas, or open one that "
            "comes with the package, ready_atlas()"
        ) from None
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder / _ABOUT} is damaged: {error!r}; expected what build_atlas wrote") from error
    if version != VERSION:
        raise ValueError(
            f"path is {str(path)!r}, an atlas of version {version}; this package reads version {VERSION}. Build it "
            "anew in another folder"
        )
    return folder, Settings(**settings)


def make_folder(path: str | os.PathLike[str], settings: Settings) -> Path:
    """Begin an atlas, or go on with one of the same settings.

    Raises
    ------
    ValueError
        If there is one with others.
    OSError
        If the folder cannot be written to.
    """
    folder = Path(path)
    if READY in folder.resolve().parents:
        raise ValueError(
            f"path is {str(path)!r}, an atlas that comes with the package and stays as it is. Go on with a copy: "
            f"shutil.copytree({str(path)!r}, ...)"
        )
    if folder.exists() and not folder.is_dir():
        raise ValueError(f"path is {str(path)!r}, a file; expected a folder, there or not")
    if (folder / _ABOUT).exists():
        _, there = open_folder(folder)
        ablations = max(there.ablations, settings.ablations)
        there, settings = replace(there, ablations=ablations), replace(settings, ablations=ablations)
        if there != settings:
            raise ValueError(
                f"path is {str(path)!r}, an atlas built with {_differences(there.as_dict(), settings.as_dict())}; "
                "numbers of different settings do not go together. Choose another path, or these settings"
            )
    # also where it is there: whether one can write is known before hours have passed
    write_durably(folder / _ABOUT, lambda file: file.write(json.dumps(settings.as_dict(), indent=1).encode()))
    clear_parts(folder)
    return folder


def keep_corpus(folder: Path, corpus: Corpus) -> Path:
    """Write the texts beside the numbers, once."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    path = folder / _CORPUS / f"{corpus.id}.parquet"
    if path.exists():
        return path
    columns = {name: [getattr(one, name) for one in corpus] for name in ("id", "kind", "text")}
    table = pa.table({name: pa.array(values, pa.string()) for name, values in columns.items()})
    table = table.replace_schema_metadata({"name": corpus.name})
    return write_durably(path, lambda file: pq.write_table(table, file, compression="zstd", use_dictionary=["kind"]))


def kept_corpus(folder: Path) -> Corpus:
    """All texts of an atlas: those of each corpus that it was built of, one after the other.

    Raises
    ------
    ValueError
        If a file of them is damaged.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    passages: list[Passage] = []
    names = []
    for path in sorted((folder / _CORPUS).glob("*.parquet"), key=lambda path: (path.stat().st_mtime_ns, path.name)):
        try:
            table = pq.read_table(path, partitioning=None)
        except (OSError, pa.ArrowInvalid) as error:
            raise ValueError(f"{path} is damaged ({error}); call build_atlas with this corpus again") from error
        names.append((table.schema.metadata or {}).get(b"name", b"texts").decode())
        passages += [
            Passage(text, kind) for text, kind in zip(table["text"].to_pylist(), table["kind"].to_pylist(), strict=True)
        ]
    return Corpus(tuple(passages), " and ".join(dict.fromkeys(names)) or "texts")


def _differences(there: Mapping[str, Any], wanted: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={there[name]} (now {wanted[name]})" for name in wanted if there[name] != wanted[name])
