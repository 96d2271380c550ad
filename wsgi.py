"""The application that every server and every `flask --app wsgi` command loads."""

from marketplace import create_app

app = create_app()
