"""What a trace holds of the heads, patterns or queries and keys -> any head's pattern. No torch here."""

from attn_widgets.attention.attention import Attention as Attention
from attn_widgets.attention.attention import as_attention as as_attention
from attn_widgets.attention.held import HeldAttention as HeldAttention
from attn_widgets.attention.kept_patterns import KeptPatterns as KeptPatterns
from attn_widgets.attention.queries_keys import QueriesKeys as QueriesKeys
from attn_widgets.attention.word_patterns import WordPatterns as WordPatterns
