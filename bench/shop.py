"""The shop with one more page: an empty view, the control that every figure is read against."""

from marketplace import create_app
from marketplace.core.audience import Audience, audience

app = create_app()


@audience(Audience.MACHINE)
def empty() -> str:
    return "ok"


app.add_url_rule("/bench/empty", "bench_empty", empty)
