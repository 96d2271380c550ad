"""Every table, for the migrations and so that keys between areas can be resolved."""

from .accounts import models as accounts
from .audit import models as audit
from .cart import models as cart
from .catalog import models as catalog
from .core import visitors
from .core.db import Base
from .insights import models as insights
from .ledger import models as ledger
from .media import models as media
from .messages import models as messages
from .notifications import models as notifications
from .orders import models as orders
from .payments import models as payments
from .payouts import models as payouts
from .search import models as search
from .shipping import models as shipping
from .workshops import models as workshops

__all__ = [
    "Base",
    "accounts",
    "audit",
    "cart",
    "catalog",
    "insights",
    "ledger",
    "media",
    "messages",
    "notifications",
    "orders",
    "payments",
    "payouts",
    "search",
    "shipping",
    "visitors",
    "workshops",
]
