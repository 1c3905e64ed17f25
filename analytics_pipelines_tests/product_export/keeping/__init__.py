"""Mirror of `product_export/keeping`."""
