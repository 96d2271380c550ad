"""The worker: runs what the web processes queued, and once a minute the sweep. Start: python -m marketplace.worker"""

from __future__ import annotations

from marketplace import create_app


def main() -> None:
    app = create_app()
    consumer = app.extensions["huey"].create_consumer(workers=1, periodic=True, initial_delay=0.2, max_delay=2.0)
    consumer.run()


if __name__ == "__main__":
    main()
