"""Users and items in the lake; `models` has the product's own rows in PostgreSQL."""

from analytics_pipelines.foundation.tables import Column, Table, Type

ROOM = "product_export"
PARTITION = "UTC day on which the export ran; the whole table as it was then"
EXPORT_DATE = Column(name="export_date", type=Type.DATE, meaning="UTC day whose state was exported")
USER_ID = Column(name="id", type=Type.INT, meaning="The user's number in the product")
ITEM_ID = Column(name="id", type=Type.INT, meaning="The item's number in the product")
OWNER_ID = Column(name="owner_id", type=Type.INT, meaning="The user who owns the item")
IS_ACTIVE = Column(name="is_active", type=Type.BOOL, meaning="Whether the user may use the product")
CREATED_AT = Column(name="created_at", type=Type.TIMESTAMP, meaning="When the row was created")
UPDATED_AT = Column(name="updated_at", type=Type.TIMESTAMP, meaning="When the row was last changed before the export")

RAW_USERS = Table(
    name="raw_app__users",
    room=ROOM,
    grain="one user of the product, as stored when the export ran",
    partition=PARTITION,
    key=("id",),
    columns=(
        EXPORT_DATE,
        USER_ID,
        Column(name="email", type=Type.TEXT, meaning="Address as stored", is_personal=True),
        Column(name="full_name", type=Type.TEXT, meaning="Name as stored", is_nullable=True, is_personal=True),
        IS_ACTIVE,
        CREATED_AT,
        UPDATED_AT,
    ),
)

RAW_ITEMS = Table(
    name="raw_app__items",
    room=ROOM,
    grain="one item of the product, as stored when the export ran",
    partition=PARTITION,
    key=("id",),
    columns=(
        EXPORT_DATE,
        ITEM_ID,
        OWNER_ID,
        Column(name="title", type=Type.TEXT, meaning="Title as stored"),
        Column(name="description", type=Type.TEXT, meaning="Description as stored", is_nullable=True),
        CREATED_AT,
        UPDATED_AT,
    ),
)

CORE_USERS = Table(
    name="core_app__users",
    room=ROOM,
    grain="one user who was there when the export ran",
    partition=PARTITION,
    key=("id",),
    columns=(
        EXPORT_DATE,
        USER_ID,
        Column(name="email", type=Type.TEXT, meaning="Address, trimmed, in lower case", is_personal=True),
        Column(
            name="full_name",
            type=Type.TEXT,
            meaning="Name, trimmed; null when blank",
            is_nullable=True,
            is_personal=True,
        ),
        IS_ACTIVE,
        CREATED_AT,
        UPDATED_AT,
    ),
    is_native=True,
)

CORE_ITEMS = Table(
    name="core_app__items",
    room=ROOM,
    grain="one item that was there when the export ran",
    partition=PARTITION,
    key=("id",),
    columns=(
        EXPORT_DATE,
        ITEM_ID,
        OWNER_ID,
        Column(name="has_owner", type=Type.BOOL, meaning="Whether the owner is in core_app__users of the same day"),
        Column(name="title", type=Type.TEXT, meaning="Title, trimmed"),
        Column(name="description", type=Type.TEXT, meaning="Description, trimmed; null when blank", is_nullable=True),
        CREATED_AT,
        UPDATED_AT,
    ),
    is_native=True,
)

TABLES: tuple[Table, ...] = (RAW_USERS, RAW_ITEMS, CORE_USERS, CORE_ITEMS)
