"""The pictures of the report: tables in, matplotlib figures out."""
