"""Tests of the room product_export."""
