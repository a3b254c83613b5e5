"""What `pilothouse bench` can measure: from a name to `module:function`. Such a function takes nothing, works on the server's own
database without changing what people rely on, and gives (what, measured, bar) for each figure.
"""

from __future__ import annotations

BENCHES: dict[str, str] = {
    "list": "pilothouse.config.bench_pages:lists",
    "search": "pilothouse.config.bench_pages:search",
    "device": "pilothouse.config.bench_pages:device",
    "helm": "pilothouse.config.bench_pages:helm",
    "work": "pilothouse.config.bench_pages:work",
    "who": "pilothouse.config.bench_pages:who",
    "audit": "pilothouse.core.benching:audit",
}
