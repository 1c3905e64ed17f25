"""Mirror of `product_export/routes`."""
