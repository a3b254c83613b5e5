"""What `pilothouse bench` can measure: from a name to `module:function`. Such a function takes nothing, works on the server's own
database without changing what people rely on, and gives (what, measured, bar) for each figure.
"""

from __future__ import annotations

BENCHES: dict[str, str] = {
    "audit": "pilothouse.core.benching:audit",
}
