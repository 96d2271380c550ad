"""`flask --app wsgi admin create`: the first person of the collective; there are no default accounts."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from marketplace.core.errors import DomainError

from . import passwords
from .forms import clean_email
from .services import create_user

admin_group = AppGroup("admin", help="People who work for the collective.")


@admin_group.command("create")
@click.option("--email", required=True, help="What they sign in with.")
@click.option("--name", required=True, help="Full name, as it stands in the record of acts.")
@click.option("--language", type=click.Choice(["id", "en"]), default="id", show_default=True)
@click.password_option(help="Asked for when left out.")
def create(email: str, name: str, language: str, password: str) -> None:
    """Make an account that may sign in to the back office at once."""
    try:
        address = clean_email(email)
        passwords.check(password, own_words=(address, name))
        create_user(address, password, name.strip()[:120], language, is_admin=True, confirmed=True)
    except ValueError:
        raise click.ClickException(f"'{email}' is not an email address.") from None
    except DomainError as error:
        raise click.ClickException(error.sentence) from None
    click.echo(f"{address} may sign in at /sign-in and works at /admin/.")
