"""HTTP door for who is logged in: the own account, its password, logging out."""

from typing import Annotated

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, SecretStr

from analytics_pipelines.accounts import own_account, sign_off
from analytics_pipelines.accounts.own_account import WrongPassword
from analytics_pipelines.accounts.passwords import BadPassword, TooManyPasswords
from analytics_pipelines.accounts.routes.parts import PREFIX, ThrottleNow, UserState, private
from analytics_pipelines.accounts.throttle import TooManyLogIns
from analytics_pipelines.accounts.users import LastAdmin, NoSuchUser
from analytics_pipelines.foundation.errors import Forbidden, Unavailable
from analytics_pipelines.http_kit.depends import Db, Now
from analytics_pipelines.http_kit.principals import Credential
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Account, AccountNeeded, Scope, requires

router = APIRouter(prefix=PREFIX, tags=["accounts"], dependencies=[private])
logged_in = [requires(Scope.VIEWER, account=True)]


class AccessTokenNeeded(Forbidden):
    """A service token acts for the account, and this is only for who has logged in."""


class PasswordChange(BaseModel):
    """The password of now, and the one to come."""

    model_config = ConfigDict(extra="forbid")

    current_password: SecretStr
    new_password: SecretStr


class Farewell(BaseModel):
    """The password, so that no token that was left open deletes an account."""

    model_config = ConfigDict(extra="forbid")

    password: SecretStr


async def _user_id(account: Account) -> str:
    assert account.user_id is not None  # noqa: S101 - the door has asked for an account
    return account.user_id


async def _credential(account: Account) -> Credential:
    if account.credential is None:
        remedy = "Log in; a service token is ended by `analytics token revoke`."
        raise AccessTokenNeeded("This needs an access token.", remedy=remedy)
    return account.credential


UserId = Annotated[str, Depends(_user_id)]
LoggedIn = Annotated[Credential, Depends(_credential)]


@router.get("/me", dependencies=logged_in, responses=documented(AccountNeeded, NoSuchUser, Unavailable))
def read_me(user_id: UserId, database: Db) -> UserState:
    """The account that calls."""
    return UserState.of(own_account.own_account(database, user_id))


@router.post(
    "/logout",
    status_code=204,
    dependencies=logged_in,
    responses=documented(AccountNeeded, AccessTokenNeeded, Unavailable),
)
def log_out(user_id: UserId, token: LoggedIn, database: Db) -> None:
    """End the access token that was sent; others of the account stay good."""
    sign_off.log_out(database, user_id, token.id, token.expires_at)


@router.post(
    "/revoke",
    status_code=204,
    dependencies=logged_in,
    responses=documented(AccountNeeded, AccessTokenNeeded, Unavailable),
)
def revoke_all(user_id: UserId, _: LoggedIn, database: Db) -> None:
    """End every access token of the account, the one that was sent too."""
    sign_off.revoke_all(database, user_id)


PROVING = (AccountNeeded, AccessTokenNeeded, WrongPassword, TooManyLogIns, TooManyPasswords, NoSuchUser, Unavailable)


@router.post("/change-password", status_code=204, dependencies=logged_in, responses=documented(BadPassword, *PROVING))
def change_password(
    wish: PasswordChange, user_id: UserId, _: LoggedIn, database: Db, now: Now, throttle: ThrottleNow
) -> None:
    """Take the new password; every access token of the account ends, so log in anew."""
    own_account.change_password(
        database,
        user_id,
        current=wish.current_password.get_secret_value(),
        new=wish.new_password.get_secret_value(),
        throttle=throttle,
        at=now,
    )


@router.delete("/me", status_code=204, dependencies=logged_in, responses=documented(LastAdmin, *PROVING))
def delete_me(farewell: Farewell, user_id: UserId, _: LoggedIn, database: Db, throttle: ThrottleNow) -> None:
    """Delete the account with its datasets and analyses; the audit of what it did stays."""
    own_account.delete_account(database, user_id, password=farewell.password.get_secret_value(), throttle=throttle)
