"""Writing listings: the acts of a workshop on its own pieces, and what a reviewer's decision does.

`drafts` saves, `variants` prices and counts, `photos` and `arrivals` (photos in pieces), `submission` publishes,
`review` decides, `state` hides and copies. The rules of what may be shown are in `completeness` and `words`.
"""

from . import arrivals, drafts, photos, profile, review, state, submission, variants
from .submission import submit, withdraw

__all__ = ["arrivals", "drafts", "photos", "profile", "review", "state", "submission", "submit", "variants", "withdraw"]
