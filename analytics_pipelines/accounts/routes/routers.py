"""The doors of accounts."""

from fastapi import APIRouter

from analytics_pipelines.accounts.routes import log_in, own_account, register

ROUTERS: tuple[APIRouter, ...] = (register.router, log_in.router, own_account.router)
