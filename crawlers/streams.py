"""The Parquet files of a run, written row group by row group while the run goes on: its folder is committed whole or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from gongkai.tables import TABLES, row

pa.array([""])  # pyarrow imports pandas with its first array (a second or more): here, not in the middle of the lanes' timeouts
_ROWS_A_GROUP = 2000


class TableStream:
    """One table's file. It is made when the first row group is full, or at the end: small portals share a process by the hundred."""

    def __init__(self, folder: Path, table: str, name: str | None = None) -> None:
        self._table, self._path = TABLES[table], folder / f"{name or table}.parquet"
        self._waiting: list[dict[str, Any]] = []
        self._writer: pq.ParquetWriter | None = None
        self.rows = 0

    def add(self, record: Any) -> None:
        """Append one record."""
        self._waiting.append(row(record))
        self.rows += 1
        if len(self._waiting) >= _ROWS_A_GROUP:
            self._flush()

    def take(self, other: TableStream) -> None:
        """Append all rows of another stream of the same table, which ends with it."""
        other._end()
        if other._path.exists():
            if self._waiting:
                self._flush()
            with pq.ParquetFile(other._path) as file:
                for number in range(file.num_row_groups):
                    self._write(file.read_row_group(number))
        self._waiting += other._waiting
        self.rows += other.rows
        other.drop()

    def drop(self) -> None:
        """Forget the rows."""
        self._end()
        self._path.unlink(missing_ok=True)
        self._waiting, self.rows = [], 0

    def close(self) -> None:
        """Write the rest; an empty table is written down like any other."""
        if self._waiting or self._writer is None:
            self._flush()
        self._end()

    def _end(self) -> None:
        if self._writer:
            self._writer.close()
        self._writer = None

    def _flush(self) -> None:
        rows, self._waiting = self._waiting, []
        self._write(self._table.arrow(rows))

    def _write(self, rows: pa.Table) -> None:
        if self._writer is None:
            self._writer = pq.ParquetWriter(self._path, self._table.schema, compression="zstd")
        self._writer.write_table(rows)
