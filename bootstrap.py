"""Make `.venv` from the committed lock on a machine that has only Python ≥ 3.11 and the package registry.

`bootstrap.py FOLDER` does the same for a folder below with a lock of its own (docker/superset).

uv comes from PATH where it is, else from the registry: through pip in an environment of its own, or, where this Python has no
ensurepip (Debian without python3-venv), as the wheel itself, checked against the registry's sha256. Standard library only.
"""

from __future__ import annotations

import hashlib
import html
import io
import os
import platform
import re
import shutil
import subprocess
import sys
import urllib.parse
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
    """Unpack uv's binary for this machine from the registry (its PEP 503 page) into `target`."""
    index = os.environ.get("PIP_INDEX_URL", "https://pypi.org/simple").rstrip("/") + "/uv/"
    with urllib.request.urlopen(index, timeout=60) as answer:
        links = re.findall(r'href="([^"]+?)#sha256=([0-9a-f]{64})"', answer.read().decode())
    machine = "(arm64|universal2)" if sys.platform == "darwin" and platform.machine() == "arm64" else platform.machine().lower()
    system = "macosx" if sys.platform == "darwin" else "manylinux"
    fits = re.compile(rf"/uv-{re.escape(UV_VERSION)}-[^/]*{system}[^/]*{machine}[^/]*\.whl$")
    link, sha256 = next((link, sha) for link, sha in links if fits.search(link))
    with urllib.request.urlopen(urllib.parse.urljoin(index, html.unescape(link)), timeout=300) as answer:
        data = answer.read()
    if hashlib.sha256(data).hexdigest() != sha256:
        raise SystemExit(f"bootstrap: {link} does not match its sha256")
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        member = next(n for n in archive.namelist() if n.endswith("/scripts/uv"))
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(archive.read(member))
    target.chmod(0o755)


def main(project: Path = ROOT) -> None:
    """Sync a project's environment, then leave a stamp that make compares with the lock."""
    if sys.version_info < (3, 11):
        raise SystemExit(f"bootstrap: Python 3.11 or newer is needed, this is {platform.python_version()}; try make PY=python3.12")
    env = {**os.environ, "UV_PYTHON_DOWNLOADS": "never", "UV_PROJECT_ENVIRONMENT": str(project / ".venv")}
    subprocess.run([find_uv(), "sync", "--locked", "--quiet", "--python", sys.executable], cwd=project, env=env, check=True)
    (project / ".venv" / ".ready").touch()


if __name__ == "__main__":
    main(*(ROOT / name for name in sys.argv[1:2]))
