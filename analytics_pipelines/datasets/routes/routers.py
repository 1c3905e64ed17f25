"""The doors of the room."""

from fastapi import APIRouter

from analytics_pipelines.datasets.routes import datasets, plans, runs, uploads
from analytics_pipelines.datasets.routes.parts import PREFIX

ROUTERS: tuple[APIRouter, ...] = (uploads.router, datasets.router, plans.router, runs.router)
UPLOAD_PATH = PREFIX + uploads.PATH
