"""Airflow's LocalExecutor with the stages already imported: its workers are forks, and each task is a fork of a worker."""

from __future__ import annotations

from importlib import import_module

from airflow.executors.local_executor import LocalExecutor

from gongkai.airflow_env import WARM


class WarmLocalExecutor(LocalExecutor):
    """Tasks of this machine, forked from a process that knows the stages."""

    def start(self) -> None:
        for module in WARM:
            import_module(module)
        super().start()
