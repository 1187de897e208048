"""Delimited text as columns of numbers: CSV, TSV and tables padded with blanks, header first.

An empty cell is a gap, ``nan`` and ``inf`` are values, and text is no number. What does not fit
under the header is skipped and counted.
"""

from trainmon.table.columns import Columns
from trainmon.table.header import Header, header_in
from trainmon.table.opening import Opening, opening_of
from trainmon.table.reader import TableReader

__all__ = ["Columns", "Header", "Opening", "TableReader", "header_in", "opening_of"]
