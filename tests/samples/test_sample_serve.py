"""`gongkai samples serve` as a process: ready lines, a registry, a clean end on SIGTERM."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import httpx

from gongkai.registry import load_registry


def test_serve_until_sigterm(tmp_path: Path) -> None:
    registry = tmp_path / "registry.yaml"
    command = [sys.executable, "-c", "from samples.cli import samples; samples()", "serve", "--port", "0", "--registry", str(registry)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = [process.stdout.readline().split() for _ in range(13)]
        assert [line[0] for line in lines].count("ready") == 11
        assert ["down", "sample-lanqiao"] in [line[:2] for line in lines]
        assert lines[-1] == ["registry", str(registry)]
        base = load_registry(registry)["sample-qinglan"].base_url
        assert httpx.get(f"{base}/gkmlpt/index", timeout=5).status_code == 200
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=10)
    assert (process.returncode, errors) == (0, "")
