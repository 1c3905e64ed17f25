"""What the application hands to the routes of this room, beside what all routes have.

async def collect(intake: IntakeNow) -> JSONResponse: ...
"""

from typing import Annotated

from fastapi import Depends

from analytics_pipelines.http_kit.wiring import Slot
from analytics_pipelines.web_events.intake.directory import Directory
from analytics_pipelines.web_events.intake.receipts import Intake

INTAKE: Slot[Intake] = Slot("intake")
IntakeNow = Annotated[Intake, Depends(INTAKE.of)]
"""Raises `Unavailable` before the application has started."""
DIRECTORY: Slot[Directory] = Slot("directory")
