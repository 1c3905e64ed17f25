"""HTTP doors of the product: its users and items, and the figures about them."""
