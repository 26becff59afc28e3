"""Make `.venv` from the committed lock on a machine that has only Python ≥ 3.11 and the package registry.

uv comes from PATH where it is, else from the registry: through pip in an environment of its own, or, where this Python has no
ensurepip (Debian without python3-venv), as the wheel itself, checked against the registry's sha256. Standard library only.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
import urllib.request
import venv
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent
TOOLS = ROOT / ".venv-tools"
UV_VERSION = "0.13.8"


def find_uv() -> str:
    """Path of a uv, installing one where there is none."""
    found = shutil.which("uv")
    if found:
        return found
    own = TOOLS / "bin" / "uv"
    if not own.exists():
        try:
            venv.create(TOOLS, with_pip=True, clear=True)
            subprocess.run([str(TOOLS / "bin" / "python"), "-m", "pip", "install", "--quiet", f"uv=={UV_VERSION}"], check=True)
        except (subprocess.CalledProcessError, OSError, ImportError) as error:
            print(f"bootstrap: no pip here ({error}); taking uv's wheel", file=sys.stderr)
            fetch_wheel(own)
    return str(own)


def fetch_wheel(target: Path) -> None:
    """Unpack uv's binary for this machine from the registry into `target`."""
    with urllib.request.urlopen(f"https://pypi.org/pypi/uv/{UV_VERSION}/json", timeout=60) as answer:
        files = json.load(answer)["urls"]
    machine = platform.machine().lower().replace("arm64", "aarch64" if sys.platform != "darwin" else "arm64")
    system = "macosx" if sys.platform == "darwin" else "musllinux" if "musl" in (sysconfig.get_config_var("SOABI") or "") else "manylinux"
    wheel = next(f for f in files if f["filename"].endswith(".whl") and system in f["filename"] and machine in f["filename"])
    with urllib.request.urlopen(wheel["url"], timeout=300) as answer:
        data = answer.read()
    if hashlib.sha256(data).hexdigest() != wheel["digests"]["sha256"]:
        raise SystemExit(f"bootstrap: {wheel['filename']} does not match its sha256")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = next(n for n in archive.namelist() if n.endswith("/scripts/uv"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive.read(member))
    target.chmod(0o755)


def main() -> None:
    """Sync the environment, then leave a stamp that make compares with the lock."""
    if sys.version_info < (3, 11):
        raise SystemExit(f"bootstrap: Python 3.11 or newer is needed, this is {platform.python_version()}; try make PY=python3.12")
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(ROOT / ".venv")}
    subprocess.run([find_uv(), "sync", "--locked", "--quiet", "--python", sys.executable], cwd=ROOT, env=env, check=True)
    (ROOT / ".venv" / ".ready").touch()


if __name__ == "__main__":
    main()
