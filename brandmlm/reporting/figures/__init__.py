"""The pictures of the report, drawn by matplotlib."""
