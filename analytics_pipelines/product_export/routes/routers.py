"""The doors of the product."""

from fastapi import APIRouter

from analytics_pipelines.product_export.routes import figures, items, users

ROUTERS: tuple[APIRouter, ...] = (users.router, items.router, figures.router)
