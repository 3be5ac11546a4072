"""The columns of the raw data sets."""

from __future__ import annotations

from typing import Final

# The columns that each source must have; others are allowed.
SCHEMAS: Final[dict[str, tuple[str, ...]]] = {
    "reviews": ("Reviewer", "Title", "Content", "Star_rating", "Rating", "Date", "Reviews_posted", "Location"),
    "products": (
        "URL", "Product Name", "Product ID", "Listing Price", "Sale Price", "Discount", "Brand", "Description",
        "Rating", "Reviews", "Images", "Last Visited",
    ),
    "catalogue": (
        "index", "url", "name", "sub_title", "brand", "model", "color", "price", "currency", "availability",
        "description", "raw_description", "avg_rating", "review_count", "images", "available_sizes", "uniq_id",
        "scraped_at",
    ),
}  # fmt: skip
