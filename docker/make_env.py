"""`make_env.py EXAMPLE TARGET`: the example with a generated secret for every CHANGE_ME, for its owner only. Standard library only."""

from __future__ import annotations

import base64
import os
import secrets
import sys
from pathlib import Path


def filled(example: str) -> str:
    """The text of `.env`: a Fernet key where one is asked for (32 bytes in base64), else 32 letters, digits, _ and -."""
    lines = []
    for line in example.splitlines():
        name, is_setting, value = line.partition("=")
        if is_setting and not line.startswith("#") and value == "CHANGE_ME":
            fernet = name == "AIRFLOW_FERNET_KEY"
            value = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode() if fernet else secrets.token_urlsafe(24)
            line = f"{name}={value}"
        lines.append(line)
    return "\n".join(lines) + "\n"


def main(example: Path, target: Path) -> None:
    """Write the file whole or not at all; one that exists is left as it is, for its databases know its passwords."""
    if target.exists():
        raise SystemExit(f"{target} exists: its passwords are in use; remove it by hand where that is not so")
    half = target.with_name(target.name + ".new")
    half.unlink(missing_ok=True)
    with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(filled(example.read_text(encoding="utf-8")))
    half.replace(target)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
