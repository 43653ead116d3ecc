"""One head's matrix, of any length -> pictures of it: overview, tiles, exact lines. No Jupyter here."""

from attn_widgets.tiles.coding import Coding as Coding
from attn_widgets.tiles.cut import SIDE as SIDE
from attn_widgets.tiles.cut import tile as tile
from attn_widgets.tiles.lines import Line as Line
from attn_widgets.tiles.lines import line as line
from attn_widgets.tiles.matrix import Matrix as Matrix
from attn_widgets.tiles.matrix import matrix_of as matrix_of
from attn_widgets.tiles.overviews import MOST_CELLS as MOST_CELLS
from attn_widgets.tiles.overviews import Overview as Overview
from attn_widgets.tiles.overviews import block_for as block_for
from attn_widgets.tiles.overviews import overview as overview
from attn_widgets.tiles.overviews import overview_in_steps as overview_in_steps
from attn_widgets.tiles.shown import SHOWN_AS as SHOWN_AS
from attn_widgets.tiles.thumbs import thumb as thumb
from attn_widgets.tiles.thumbs import thumbs_in_steps as thumbs_in_steps
