"""HTTP door for who has no account yet."""

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from analytics_pipelines.accounts import throttle as throttling
from analytics_pipelines.accounts import users
from analytics_pipelines.accounts.passwords import BadPassword, TooManyPasswords
from analytics_pipelines.accounts.routes.parts import PREFIX, Address, ThrottleNow, UserState, private
from analytics_pipelines.accounts.throttle import TooManyRegistrations
from analytics_pipelines.accounts.users import BadFullName, BadUsername, EmailTaken, Role, UsernameTaken
from analytics_pipelines.foundation.email_addresses import BadEmail
from analytics_pipelines.foundation.errors import Forbidden, Unavailable
from analytics_pipelines.foundation.postgres.failures import TextNotStorable
from analytics_pipelines.http_kit.depends import Db, Now, SettingsNow
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import open_to_all

router = APIRouter(prefix=PREFIX, tags=["accounts"], dependencies=[private])


class RegistrationClosed(Forbidden):
    """Accounts are made by the operator here."""


class NewAccount(BaseModel):
    """An account to make."""

    model_config = ConfigDict(extra="forbid")

    email: str = Field(description="Kept without blanks around it, in lower case.", examples=["ada@example.com"])
    username: str = Field(description="Letters, digits, dots, hyphens, underscores.", examples=["ada"])
    password: SecretStr = Field(description="8 to 1,024 characters, none of the most common.")
    full_name: str | None = None


@router.post(
    "/register",
    status_code=201,
    dependencies=[open_to_all],
    responses=documented(
        RegistrationClosed,
        BadEmail,
        BadUsername,
        BadFullName,
        BadPassword,
        TextNotStorable,
        EmailTaken,
        UsernameTaken,
        TooManyRegistrations,
        TooManyPasswords,
        Unavailable,
    ),
)
def register(
    wish: NewAccount, *, database: Db, settings: SettingsNow, now: Now, throttle: ThrottleNow, address: Address
) -> UserState:
    """Make an account with the role that `REGISTRATION_ROLE` gives."""
    if settings.role_of_registered is None:
        remedy = "Ask an admin: `analytics create-admin` makes the first account."
        raise RegistrationClosed("Nobody registers here.", remedy=remedy)
    throttling.registered(throttle, address)
    made = users.register(
        database,
        email=wish.email,
        username=wish.username,
        password=wish.password.get_secret_value(),
        full_name=wish.full_name,
        role=Role(settings.role_of_registered),
        clock=lambda: now,
    )
    return UserState.of(made)
