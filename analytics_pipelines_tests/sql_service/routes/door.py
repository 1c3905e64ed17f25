"""Who stands before the doors."""

from dataclasses import dataclass

import httpx
from fastapi import FastAPI

from analytics_pipelines.sql_service.places import Places


@dataclass(frozen=True)
class Door:
    """The application, where its broker would listen, and clients named after what they may."""

    app: FastAPI
    places: Places
    nobody: httpx.Client
    viewer: httpx.Client
    analyst: httpx.Client
    admin: httpx.Client


def asked(client: httpx.Client, sql: str = "SELECT 1", **more: object) -> httpx.Response:
    """The answer to a query; `headers` are sent, all else is in the body."""
    headers = more.pop("headers", None)
    return client.post("/query", json={"query": sql, **more}, headers=headers)
