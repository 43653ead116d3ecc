"""An array -> little-endian bytes with dtype and shape; js/src/host/arrays.ts reads them back."""

from attn_widgets.buffers import array_wire as array_wire
