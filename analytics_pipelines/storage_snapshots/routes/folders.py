"""HTTP doors of folders: what one holds, what lies in it, the tree below it, its files by extension.

A path stands in the route, or in `?path=`, which takes any name: a folder called `tree` among them.
"""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response

from analytics_pipelines.foundation.generation import Lease
from analytics_pipelines.http_kit.cached import Answers, CachedAnswers, Kind
from analytics_pipelines.http_kit.depends import DuckLease
from analytics_pipelines.http_kit.problems import documented
from analytics_pipelines.http_kit.scopes import Scope, requires
from analytics_pipelines.storage_snapshots.ask.extensions import By, extensions, is_at_hand
from analytics_pipelines.storage_snapshots.ask.folders import (
    BANDS,
    WITHOUT_BANDS,
    Order,
    Page,
    Sort,
    folders_of,
    listing,
)
from analytics_pipelines.storage_snapshots.ask.pages import BadCursor, Pages
from analytics_pipelines.storage_snapshots.ask.tree import MOST_DEPTH, Measure, Pruning, tree
from analytics_pipelines.storage_snapshots.routes import folder_bodies as bodies
from analytics_pipelines.storage_snapshots.routes.parameters import (
    ERRORS,
    LATEST,
    MOST_BYTES,
    PAGED_ERRORS,
    CursorParameter,
    Limit,
    PathParameter,
    ShareParameter,
    SnapshotParameter,
    Where,
    WhereAsked,
)

MOST_TOP = 1_000
MOST_OFFSET = 2**62


router = APIRouter(prefix="/api/folders", tags=["storage"])
reading = [requires(Scope.VIEWER)]


@dataclass(frozen=True, slots=True)
class Listed:
    """Which rows of a list."""

    sort: Sort
    order: Order
    limit: int
    cursor: str | None
    has_bands: bool


@dataclass(frozen=True, slots=True)
class TypesListed:
    """Which rows of a list of extensions."""

    sort: By
    order: Order
    limit: int


async def _by_route(path: PathParameter, snapshot: SnapshotParameter = LATEST, share: ShareParameter = None) -> Where:
    return Where(path, snapshot, share)


async def _listed(
    limit: Limit,
    sort: Annotated[Sort, Query(description="What the children go by; ties by share and path.")] = Sort.ALLOCATED,
    order: Annotated[Order | None, Query(description="Absent: largest and latest first, names from A.")] = None,
    cursor: CursorParameter = None,
    bands: Annotated[bool, Query(description="Tell the sums by size and by age too.")] = False,
) -> Listed:
    usual = Order.ASCENDING if sort in {Sort.NAME, Sort.TYPE} else Order.DESCENDING
    return Listed(sort, order or usual, limit, cursor, bands)


async def _types_listed(
    limit: Limit,
    sort: Annotated[By, Query(description="What the extensions go by; ties by name.")] = By.ALLOCATED,
    order: Annotated[Order | None, Query(description="Absent: largest first, names from A.")] = None,
) -> TypesListed:
    usual = Order.ASCENDING if sort == By.EXTENSION else Order.DESCENDING
    return TypesListed(sort, order or usual, limit)


async def _pruning(
    depth: Annotated[int, Query(ge=0, le=MOST_DEPTH, description="Levels below the folder.")] = 2,
    min_size: Annotated[
        int, Query(ge=0, le=MOST_BYTES, description="Bytes that a folder must have to be told by name.")
    ] = 0,
    top: Annotated[
        int, Query(ge=1, le=MOST_TOP, description="Folders told by name in each; the others are summed up.")
    ] = 100,
    by: Annotated[Measure, Query(description="What `min_size`, `top` and the order go by.")] = Measure.ALLOCATED,
) -> Pruning:
    return Pruning(depth=depth, min_size=min_size, top=top, by=by)


ByRoute = Annotated[Where, Depends(_by_route)]
ListedParameter = Annotated[Listed, Depends(_listed)]
TypesListedParameter = Annotated[TypesListed, Depends(_types_listed)]
PruningParameter = Annotated[Pruning, Depends(_pruning)]


@router.get("", dependencies=reading, response_model=bodies.Folder, responses=documented(*PAGED_ERRORS))
async def read_folder_by_query(
    lease: DuckLease, answers: Answers, where: WhereAsked, page: ListedParameter
) -> Response:
    """What the folder holds and what lies in it; without a path, the roots of the shares."""
    return await _breakdown(lease, answers, where, page)


@router.get("/tree", dependencies=reading, response_model=bodies.TreeOfFolders, responses=documented(*ERRORS))
async def read_tree_by_query(
    lease: DuckLease, answers: Answers, where: WhereAsked, pruning: PruningParameter
) -> Response:
    """The folders below the folder, nested, with their sums; without a path, those below the roots of the shares."""
    return await _tree(lease, answers, where, pruning)


@router.get("/types", dependencies=reading, response_model=bodies.Types, responses=documented(*ERRORS))
async def read_types_by_query(
    lease: DuckLease, answers: Answers, where: WhereAsked, page: TypesListedParameter
) -> Response:
    """The folder's files by extension; without a path, those of all shares."""
    return await _types(lease, answers, where, page)


@router.get(
    "/{path:any_path}/tree", dependencies=reading, response_model=bodies.TreeOfFolders, responses=documented(*ERRORS)
)
async def read_tree(lease: DuckLease, answers: Answers, where: ByRoute, pruning: PruningParameter) -> Response:
    """The folders below the folder, nested, with their sums."""
    return await _tree(lease, answers, where, pruning)


@router.get("/{path:any_path}/types", dependencies=reading, response_model=bodies.Types, responses=documented(*ERRORS))
async def read_types(lease: DuckLease, answers: Answers, where: ByRoute, page: TypesListedParameter) -> Response:
    """The folder's files by extension."""
    return await _types(lease, answers, where, page)


@router.get("/{path:any_path}", dependencies=reading, response_model=bodies.Folder, responses=documented(*PAGED_ERRORS))
async def read_folder(lease: DuckLease, answers: Answers, where: ByRoute, page: ListedParameter) -> Response:
    """What the folder holds and what lies in it."""
    return await _breakdown(lease, answers, where, page)


async def _breakdown(lease: Lease, answers: CachedAnswers, where: Where, page: Listed) -> Response:
    pages = Pages.of(lease.id, {"question": "folder", "where": where, "sort": page.sort, "order": page.order})
    offset = _offset(pages, page.cursor)

    def made() -> dict[str, Any]:
        these = where.chosen(lease)
        found = folders_of(these, where.path, WITHOUT_BANDS + BANDS if page.has_bands else WITHOUT_BANDS)
        wanted = Page(sort=page.sort, order=page.order, limit=page.limit + 1, offset=offset)
        rows = listing(these, found, wanted)
        more = pages.cursor_at((offset + page.limit,)) if len(rows) > page.limit else None
        return bodies.folder(found, rows[: page.limit], more)

    return await answers.soon(Kind.FOLDERS, lease, {"where": where, "page": page}, made)


async def _tree(lease: Lease, answers: CachedAnswers, where: Where, pruning: Pruning) -> Response:
    def made() -> dict[str, Any]:
        these = where.chosen(lease)
        return bodies.tree(tree(these, where.path, pruning), pruning)

    return await answers.soon(Kind.FOLDERS, lease, {"where": where, "pruning": pruning}, made)


async def _types(lease: Lease, answers: CachedAnswers, where: Where, page: TypesListed) -> Response:
    def made() -> dict[str, Any]:
        these = where.chosen(lease)
        return bodies.types(extensions(these, where.path, page.limit, page.sort, page.order))

    if where.snapshot == LATEST and is_at_hand(lease):
        return answers.now(made)
    return await answers.soon(Kind.FOLDERS, lease, {"where": where, "page": page}, made)


def _offset(pages: Pages, cursor: str | None) -> int:
    """Rows before the page: within one generation a listing never changes."""
    after = pages.after(cursor, (int,))
    offset = after[0] if after else 0
    if not isinstance(offset, int) or not 0 <= offset <= MOST_OFFSET:
        raise BadCursor("This is no cursor of this list.", remedy="Ask for the first page again, without `cursor`.")
    return offset
