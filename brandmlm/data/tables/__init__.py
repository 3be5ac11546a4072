"""Table files of any usual format, read as strings in batches."""

from brandmlm.data.tables.bad_rows import BadRow
from brandmlm.data.tables.options import ReadOptions
from brandmlm.data.tables.reading import Table, open_table, read_table

__all__ = ["BadRow", "ReadOptions", "Table", "open_table", "read_table"]
