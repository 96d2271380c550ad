"""`flask --app wsgi admin create`: the first person of the collective; there are no default accounts."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from marketplace.core.errors import DomainError

from . import passwords
from .forms import clean_email
from .queries import user_by_email
from .services import create_user, second_factor

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


@admin_group.command("forget-second-factor")
@click.option("--email", required=True, help="Whose phone and recovery codes are lost.")
@click.option("--reason", required=True, help="How you made sure who asks; it stands in the record of acts.")
def forget_second_factor(email: str, reason: str) -> None:
    """Let an account in by its password alone again. Its owner gets a mail."""
    user_id = user_by_email(email.strip().lower())
    if user_id is None:
        raise click.ClickException(f"There is no account with the email '{email}'.")
    second_factor.forget(user_id, by=None, reason=reason)
    click.echo(f"{email} signs in with the password alone from now on.")
