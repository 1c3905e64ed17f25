"""What the seed's people and things are called."""

DOMAINS = ("example.com", "example.org")

FIRST_NAMES = (
    "Adriana", "Aisha", "Alejandro", "Amara", "Anders", "Beatriz", "Camille", "Chidi", "Chloé", "Daniel",
    "Dmitri", "Elena", "Emeka", "Farah", "Felix", "Grace", "Hana", "Hiroshi", "Ingrid", "Ivan",
    "Jasmine", "José", "Kenji", "Lars", "Leila", "Maya", "Miguel", "Nadia", "Noah", "Olivia",
    "Priya", "Ravi", "Renée", "Samuel", "Sofia", "Tariq", "Ursula", "Victor", "Yuki", "Zoë",
)  # fmt: skip

LAST_NAMES = (
    "Abara", "Almeida", "Andersson", "Bauer", "Bianchi", "Castillo", "Chen", "Costa", "Dubois", "Eriksen",
    "Fischer", "García", "Haddad", "Hansen", "Ibrahim", "Ito", "Jansen", "Kaur", "Kimura", "Kowalski",
    "Larsen", "Lopez", "Martin", "Mensah", "Müller", "Nakamura", "Nguyen", "Novak", "Okafor", "Patel",
    "Pereira", "Petrov", "Quinn", "Rossi", "Santos", "Schmidt", "Silva", "Tanaka", "Vargas", "Walsh",
)  # fmt: skip

ADJECTIVES = (
    "Annual", "Blue", "Compact", "Draft", "Early", "Final", "Foldable", "Green", "Handmade", "Heavy",
    "Light", "Monthly", "New", "Old", "Portable", "Quiet", "Refurbished", "Shared", "Spare", "Vintage",
)  # fmt: skip

THINGS = (
    "backpack", "bicycle", "bookshelf", "budget", "camera", "contract", "desk", "drill", "floor plan", "guitar",
    "headphones", "invoice", "keyboard", "lamp", "monitor", "notebook", "packing list", "photo album", "printer",
    "projector", "recipe", "roadmap", "router", "sewing machine", "shopping list", "suitcase", "tent",
    "toolbox", "travel plan", "umbrella",
)  # fmt: skip

REMARKS = (
    "Bought second-hand and works well.",
    "Collect it at the front desk, weekdays only.",
    "Compare with last year's before the meeting.",
    "Handle with care; one corner is chipped.",
    "Kept in the attic, second shelf on the left.",
    "Lent out until the end of the month.",
    "Needs a new battery.",
    "Open points are at the end.",
    "Reviewed by two of us, ready to be sent.",
    "Some scratches, otherwise as good as new.",
    "The charger is in the same box.",
    "To be replaced when the next version is out.",
)
